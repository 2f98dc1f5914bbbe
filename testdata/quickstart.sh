#!/bin/sh
# The main job of smp, from a new session to its end. It runs offline against
# the mock:
#
#     go run . mock -- sh testdata/quickstart.sh
#
# and, with SMP_API_KEY set and the mock left out, against the real service.
set -eu

step() { printf '\n# %s\n' "$*"; }

# Shows a command as it would be typed, then runs it.
run() {
	printf '$ %s\n' "$*"
	"$@"
}

step 'Two sessions by the sessions API, and a third one with a first request'
printf '$ smp session create --count 2\n'
created=$(smp session create --count 2)
printf '%s\n' "$created"
first=${created%%
*}
second=${created##*
}
printf '$ smp session create --via http://example.com/\n'
third=$(smp session create --via http://example.com/)
printf '%s\n' "$third"

step 'Every session there is, each with its outgoing IP'
run smp session list

step 'A page over http, and one over https, each from the IP of its session'
run smp fetch --session "$first" http://example.com/ip
run smp fetch --session "$second" https://example.com/ip

step 'A session that is not there: the exit code says what kind of failure it is'
code=0
run smp fetch --session 999 http://example.com/ip || code=$?
printf 'exit code %s\n' "$code"
[ "$code" -eq 4 ]

step 'The end'
run smp session delete "$first" "$second" "$third"
