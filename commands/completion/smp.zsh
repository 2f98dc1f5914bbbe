#compdef smp
# zsh completion of smp.

_smp() {
  local line value
  local -a found wishes
  for line in "${(@f)$("${(Q)words[1]}" __complete $((CURRENT - 1)) "${(@Q)words[2,CURRENT-1]}" "${(Q)IPREFIX}${(Q)PREFIX}" 2>/dev/null)}"; do
    value=${line%%$'\t'*}
    case $value in
      :*) wishes+=("$line") ;;
      ?*) found+=("${value//:/\\:}${${line#$value}/$'\t'/:}") ;;
    esac
  done

  local matched=1
  (( $#found )) && _describe -V smp found && matched=0
  for line in $wishes; do
    value=${line#*$'\t'}
    case $line in
      :files*) _smp_files "${line#:files}" && matched=0 ;;
      :directories*) _smp_files "${line#:directories}" -/ && matched=0 ;;
      :command*)
        words=("${(@)words[value + 1,-1]}")
        (( CURRENT -= value ))
        _normal && matched=0
        ;;
    esac
  done
  return matched
}

# The part of the word before the path stays as it is.
_smp_files() {
  local before=${1#$'\t'}
  shift
  IPREFIX+=$before
  PREFIX=${PREFIX#$before}
  _files "$@"
}

if [[ ${funcstack[1]} == _smp ]]; then
  _smp "$@"
else
  compdef _smp smp
fi
