if [ "$funcstack[1]" = _ejtui ]; then
    _ejtui "$@"
else
    compdef _ejtui ejtui
fi
