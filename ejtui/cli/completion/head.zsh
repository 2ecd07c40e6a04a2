#compdef ejtui
# zsh completion for ejtui: made by `ejtui completion zsh`

_ejtui_words() {
    local -a words_of_it
    words_of_it=(${(f)"$(_call_program words ejtui completion --words $1 2>/dev/null)"})
    compadd -a words_of_it
}

