# bash completion of smp.

# Bash splits words at = and : too, which smp does not: what touches is one word.
_smp() {
    local left=${COMP_LINE:0:COMP_POINT} words=() at=() last=-1 i part
    for ((i = 0; i <= COMP_CWORD; i++)); do
        part=${left%%[![:space:]]*}
        left=${left#"$part"}
        if [[ $i == 0 || -n $part ]]; then
            last=$((last + 1))
            words[last]=
            at[last]=$i
        fi
        part=${left:0:${#COMP_WORDS[i]}}
        words[last]+=$part
        left=${left:${#part}}
    done

    # Bash puts the reply in the place of $2 alone, and keeps what is before it.
    local word=${words[last]} kept line value meaning found=() means=()
    kept=${word%"$2"}
    COMPREPLY=()
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        meaning=
        [[ $line == *$'\t'* ]] && meaning=${line#*$'\t'}
        case $value in
            :files | :directories) _smp_files "$value" "$meaning" ;;
            :command)
                _smp_command "${at[meaning]}"
                return
                ;;
            *)
                found+=("${value#"$kept"}")
                means+=("$meaning")
                ;;
        esac
    done < <("$1" __complete "$last" "${words[@]:1}" 2>/dev/null)

    # Meanings are for a list that is only shown, not for the line.
    if ((${#found[@]} > 1)) && [[ ${COMP_TYPE:-9} == 63 ]]; then
        for i in "${!found[@]}"; do
            [[ -n ${means[i]} ]] && found[i]="${found[i]}  (${means[i]})"
            found[i]=${found[i]:0:${COLUMNS:-80}}
        done
    fi
    ((${#found[@]})) && COMPREPLY+=("${found[@]}")
}

# Where the path is all of what bash replaces, readline completes it best itself.
# It would put a backslash before the @ of @FILE.
_smp_files() {
    local action=-f option=default path
    [[ $1 == :directories ]] && action=-d option=dirnames
    if [[ $kept == "$2" ]] && compopt -o "$option" -o filenames 2>/dev/null; then
        return
    fi
    while IFS= read -r path; do
        [[ -d $path ]] && path+=/ && compopt -o nospace 2>/dev/null
        printf -v path '%s%q' "$2" "$path"
        COMPREPLY+=("${path#"$kept"}")
    done < <(compgen "$action" -- "${word#"$2"}")
}

# The rest of the line is another command's.
_smp_command() {
    if declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif (($1 == COMP_CWORD)); then
        while IFS= read -r path; do
            COMPREPLY+=("$path")
        done < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
    else
        compopt -o default 2>/dev/null
    fi
}

complete -F _smp smp
