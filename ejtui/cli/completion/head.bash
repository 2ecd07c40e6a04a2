# bash completion for ejtui: made by `ejtui completion bash`
_ejtui_words() { ejtui completion --words "$1" 2>/dev/null; }

_ejtui_file() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
}

_ejtui_of() {
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_ejtui() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local command='' sub='' operands=0 word i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
