    esac
}
complete -F _ejtui ejtui
