            -*) ;;
            *)
                if [[ -z $command ]]; then
                    command=$word
                elif [[ " $with_commands " == *" $command "* && -z $sub ]]; then
                    sub=$word
                else
                    operands=$((operands + 1))
                fi
                ;;
        esac
    done
    case "$command${sub:+ $sub}" in
