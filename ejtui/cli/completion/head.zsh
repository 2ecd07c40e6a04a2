#compdef ejtui
# zsh completion for ejtui: made by `ejtui completion zsh`

# The kind of words is last: _arguments puts options for compadd before it.
_ejtui_words() {
    local -a words_of_it
    words_of_it=(${(f)"$(_call_program words ejtui completion --words $@[-1] 2>/dev/null)"})
    compadd "${@[1,-2]}" -a words_of_it
}

