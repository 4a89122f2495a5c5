# bash completion for tessera: commands and their options, as the program's own help lists them.
_tessera() {
    local word=${COMP_WORDS[COMP_CWORD]} path=() w help
    for w in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
        case $w in -*) ;; *) path+=("$w") ;; esac
    done
    help=$("${path[@]:0:3}" -h 2>/dev/null) || help=$("${path[@]:0:2}" -h 2>/dev/null)
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -- '--[a-z-]+' <<<"$help")" -- "$word") ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$help")" -- "$word")
        [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    esac
}
complete -o filenames -F _tessera tessera
