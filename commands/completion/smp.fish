# fish completion of smp.

function __smp_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in ($words[1] __complete (count $words) $words[2..-1] "$word" 2>/dev/null)
        set -l part (string split -m 1 \t -- $line)
        switch $part[1]
            case ':files'
                __smp_after "$part[2]" __fish_complete_path
            case ':directories'
                __smp_after "$part[2]" __fish_complete_directories
            case ':command'
                set -l rest (string escape -- $words[(math $part[2] + 1)..-1]) "$word"
                complete -C "$rest"
            case '*'
                printf '%s\n' $line
        end
    end
end

# Completes what follows the part of the word that stays as it is.
function __smp_after
    set -l word (commandline -ct)
    for found in ($argv[2] (string sub -s (math (string length -- "$argv[1]") + 1) -- "$word"))
        printf '%s%s\n' "$argv[1]" $found
    end
end

complete -c smp -f -a '(__smp_complete)'
