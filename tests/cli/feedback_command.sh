#!/usr/bin/env bash
# `apnslab feedback` against `apnslab serve`: what a push found gone is printed once. $1: the program.
set -euo pipefail
apnslab=$1
dir=$(mktemp -d)
serve=
poller=
cleanup() {
  [[ -n $poller ]] && kill -KILL "$poller" 2>/dev/null
  [[ -n $serve ]] && kill -KILL "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT

fail() {
  echo "FAIL: $1" >&2
  tail -n 50 "$dir"/*.out "$dir"/*.err >&2
  exit 1
}

# expect WHAT FOUND PATTERN: FOUND is, as a whole, like the extended regular expression.
expect() {
  [[ $2 =~ ^$3$ ]] || fail "$1: \"$2\" instead of \"$3\""
}

# start_serve OPTION...: a service whose ledger is on descriptor 3.
start_serve() {
  rm -f "$dir/lines" "$dir/ready"
  mkfifo "$dir/lines"
  "$apnslab" serve --port 0 --state "$dir/state" --ready-file "$dir/ready" --json "$@" >"$dir/lines" 2>"$dir/serve.err" &
  serve=$!
  exec 3<"$dir/lines"
  until [[ -s $dir/ready ]]; do
    kill -0 "$serve" 2>/dev/null || fail "serve ended"
  done
}

stop_serve() {
  kill -TERM "$serve"
  wait "$serve" || fail "serve ended with $?"
  serve=
}

# ledger_has PATTERN: reads the ledger until a line matches.
ledger_has() {
  local line
  while IFS= read -r -t 20 line <&3; do
    [[ $line =~ $1 ]] && return
  done
  fail "the ledger has no line like $1"
}

# gone TOKEN: pushes to a magic device token, and waits until its app was found gone.
gone() {
  "$apnslab" push "$1" --protocol binary --state "$dir/state" --settle-after 50ms >/dev/null 2>"$dir/push.err" || fail "push $1"
  ledger_has "\"event\":\"feedback\",\"outcome\":\"added\".*$1"
}

# feedback CODE OPTION...: one run; what it says is in out and err.
out=
err=
feedback() {
  local wanted=$1 code=0
  shift
  out=$("$apnslab" feedback --state "$dir/state" "$@" 2>"$dir/feedback.err") || code=$?
  err=$(<"$dir/feedback.err")
  ((code == wanted)) || fail "feedback $*: ended with $code instead of $wanted"
}

token() { printf 'fa11feed%056d' "$1"; }
time_='20[0-9-]{8}T[0-9:]{8}Z'

start_serve --fault 'protocol=feedback connection=1-2: tls_alert=45 times=1'
feedback 1
expect 'a refused certificate, stdout' "$out" ''
expect 'a refused certificate, stderr' "$err" \
  'apnslab feedback: localhost:[0-9]+: the service refused our certificate \(alert certificate_expired\)\. Use .*'

# Nothing, then one tuple, once.
feedback 0
expect 'an empty list' "$out|$err" '\|0 tuples'
gone "$(token 1)"
feedback 0
expect 'one tuple' "$out|$err" "$(token 1)  gone since $time_\|1 tuple"
feedback 0
expect 'a list that was read' "$out|$err" '\|0 tuples'
feedback 0 --environment development
expect 'the other environment' "$out|$err" '\|0 tuples'

# Joined with what the app's database knows: by time, in either case of the digits.
gone "$(token 2)"
gone "$(token 3)"
gone "$(token 4)"
cat >"$dir/devices.jsonl" <<EOF
{"device_token":"$(token 2)","registered_at":"2012-01-01T00:00:00Z","user":1}
{"device_token":"$(token 3)","registered_at":"2012-01-01T00:00:00Z"}
{"device_token":"$(token 3 | tr a-f A-F)","registered_at":"2099-01-01T00:00:00+01:00"}
EOF
feedback 0 --json --registrations "$dir/devices.jsonl"
expect 'the join, stderr' "$err" '3 tuples: 2 to drop, 1 registered again'
expect 'the join' "$(sort <<<"$out" | tr '\n' '|')" "$(printf '%s' \
  "\{\"device_token\":\"$(token 2)\",\"timestamp\":\"$time_\",\"drop\":true,\"registered_at\":\"2012-01-01T00:00:00Z\"\}\|" \
  "\{\"device_token\":\"$(token 3)\",\"timestamp\":\"$time_\",\"drop\":false,\"registered_at\":\"2098-12-31T23:00:00Z\"\}\|" \
  "\{\"device_token\":\"$(token 4)\",\"timestamp\":\"$time_\",\"drop\":true\}\|")"
gone "$(token 5)"
printf '{"device_token":"%s","registered_at":"2099-01-01T00:00:00Z"}' "$(token 5)" | feedback 0 --registrations - &&
  out=$("$apnslab" feedback --state "$dir/state" 2>/dev/null)
expect 'standard input was joined with all there was' "$out" ''

# A mistake is found before anything is taken off the list.
gone "$(token 6)"
echo '{"device_token":"phone"}' >"$dir/bad.jsonl"
feedback 2 --registrations "$dir/bad.jsonl"
expect 'a bad file' "$err" "apnslab feedback: $dir/bad.jsonl:1:1:17: device_token must be 2 to 200 hex digits\."
feedback 2 --registrations "$dir/none"
feedback 2 --every 10ms
expect 'a short pause' "$err" 'apnslab feedback: --every must be from 1s to 720h\.'
feedback 2 --every 1h --registrations -
feedback 0
expect 'what a mistake left on the list' "$out" "$(token 6)  gone since $time_"

# Again and again, until a signal: what comes later is printed too.
"$apnslab" feedback --state "$dir/state" --every 1s >"$dir/every.out" 2>"$dir/every.err" &
poller=$!
ledger_has '"event":"feedback","outcome":"read".*"tuples":0'
gone "$(token 7)"
ledger_has '"event":"feedback","outcome":"read".*"tuples":1'
kill -TERM "$poller"
wait "$poller" || fail "feedback --every ended with $?"
poller=
expect 'again and again' "$(<"$dir/every.out")" "$(token 7)  gone since $time_"
stop_serve

# What came is printed, and what is missing is said.
start_serve --drain 100ms --fault 'protocol=feedback: tuples.truncate=18 times=1' --fault 'protocol=feedback: close=half-open'
gone "$(token 1)"
gone "$(token 2)"
feedback 1
ledger_has '"event":"feedback","outcome":"read".*"tuples":1'
expect 'a list that is cut off' "$out" "$(token 1)  gone since $time_"
expect 'a list that is cut off, stderr' "$(head -n 1 <<<"$err")" \
  'apnslab feedback: localhost:[0-9]+ ended inside a tuple, of which 20 bytes came: that one is missing\. Those .*'

# A signal ends a poll that would go on, and what came is not lost.
"$apnslab" feedback --state "$dir/state" >"$dir/stopped.out" 2>"$dir/stopped.err" &
poller=$!
ledger_has '"event":"connection","outcome":"opened".*"protocol":"feedback"'
kill -INT "$poller"
code=0
wait "$poller" || code=$?
poller=
((code == 1)) || fail "a stopped poll ended with $code"
expect 'a poll that was stopped' "$(<"$dir/stopped.out")" "$(token 2)  gone since $time_"
stop_serve

# Nobody is there.
feedback 1 --to localhost:9
expect 'no service' "$err" 'apnslab feedback: localhost:9: refused.*0 tuples'
feedback 2
expect 'no ready file' "$err" 'apnslab feedback: no service is running that I know of: .*'
echo "printed once, joined by time, and nothing lost by mistakes, cuts and signals"
