# fish completion for ejtui: made by `ejtui completion fish`
function __ejtui_words
    ejtui completion --words $argv[1] 2>/dev/null
end

complete -c ejtui -f
