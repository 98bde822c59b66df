#!/usr/bin/env bash
# `apnslab serve --null`: what it prints and writes, what it refuses, how it stops. $1: the program.
set -euo pipefail
apnslab=$1
dir=$(mktemp -d)
serve=
cleanup() {
  [[ -n $serve ]] && kill -KILL "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT

fail() {
  echo "FAIL: $1" >&2
  tail -n 50 "$dir"/*.out "$dir"/*.err >&2 || true
  exit 1
}

# expect WHAT FOUND PATTERN: FOUND is, as a whole, like the extended regular expression.
expect() {
  [[ $2 =~ ^$3$ ]] || fail "$1: \"$2\" instead of \"$3\""
}

# start OPTION...: serve --null; sets port.
start() {
  rm -f "$dir/ready"
  "$apnslab" serve --null --state "$dir/state" --ready-file "$dir/ready" "$@" >"$dir/serve.out" 2>"$dir/serve.err" &
  serve=$!
  until [[ -s $dir/ready ]]; do
    kill -0 "$serve" 2>/dev/null || fail 'serve ended'
  done
  # The banner comes behind the files.
  until grep -qs 'Ctrl-C stops' "$dir/serve.out" "$dir/serve.err"; do
    kill -0 "$serve" 2>/dev/null || fail 'serve ended'
  done
  port=$(sed -n 's/.*"http2_port": \([0-9]*\).*/\1/p' "$dir/ready")
}

stop() {
  kill -TERM "$serve"
  wait "$serve" || fail "serve ended with $?"
  serve=
}

# Where it is, in both files, and what a client has to trust.
start --port 0 --name lab.example
cmp "$dir/ready" "$dir/state/ready.json" || fail 'ready.json and --ready-file differ'
grep -q "\"ca_file\": \"$dir/state/ca.pem\"" "$dir/ready" || fail "no ca_file: $(<"$dir/ready")"
grep -q '"pid": '"$serve" "$dir/ready" || fail 'not our pid'
grep -q 'gateway_port\|feedback_port\|control_url' "$dir/ready" && fail "ports that are not there: $(<"$dir/ready")"
openssl x509 -in "$dir/state/server.pem" -noout -ext subjectAltName | grep -q 'lab.example' || fail '--name is not in the certificate'

# The line to paste does what it says: the whole of it.
line=$(sed -n 's/^  try  *//p' "$dir/serve.out")
answer=$(bash -c "$line" 2>"$dir/curl.err" | tr -d '\r') || fail "\"$line\" ended with $?"
expect "$line" "$(head -n 1 <<<"$answer")" 'HTTP/2 200 '

# So does push, which finds it, and what it refuses beside it.
pushed=$("$apnslab" push --protocol http2 --state "$dir/state" phone Hello 2>"$dir/push.err") || fail "push ended with $?"
expect 'a push' "$pushed" 'sent      a1a1…a1a1  apns-id [0-9A-F-]{36}  [0-9]+ ms'
expect 'its sum' "$(<"$dir/push.err")" '1 notification: 1 sent, 0 rejected, 0 unknown\. [0-9.]+ s, 1 connection\.'
pushed=$("$apnslab" push --protocol http2 --state "$dir/state" --json phone 2>/dev/null) || fail "push --json ended with $?"
expect 'as JSON' "$pushed" '\{"n":1,"outcome":"sent","device_token":"(a1){32}","status":200,"apns_id":"[0-9A-F-]{36}","duration_us":[0-9]+\}'
printf '{"device_token":"a%d","payload":"{}"}\n' 1 2 3 >"$dir/lines"
"$apnslab" push --protocol http2 --state "$dir/state" --push-type voip --input "$dir/lines" 2>"$dir/push.err" || fail "push --input ended with $?"
expect 'the sum of lines' "$(<"$dir/push.err")" '3 notifications: 3 sent, .*'
"$apnslab" push --protocol http2 --state "$dir/state" --settle-after 1s 2>"$dir/push.err" && fail 'push takes --settle-after'
expect 'settle-after' "$(<"$dir/push.err")" 'apnslab push: --settle-after is of the binary protocol: .*'
"$apnslab" push --protocol binary --state "$dir/state" --topic a 2>"$dir/push.err" && fail 'push takes --topic'
expect 'topic' "$(<"$dir/push.err")" 'apnslab push: --topic exists in HTTP/2 only: .*'
"$apnslab" push --protocol http2 --state "$dir/state" --environment development 2>"$dir/push.err" && fail 'a development port was found'
expect 'development' "$(<"$dir/push.err")" "apnslab push: $dir/state/ready.json names no HTTP/2 port of the development environment\. Use --protocol binary, .*"

# Others find no gateway there, and say so.
"$apnslab" push --protocol binary --state "$dir/state" 2>"$dir/push.err" && fail 'push has found a gateway'
expect 'push' "$(<"$dir/push.err")" "apnslab push: $dir/state/ready.json names no gateway of the production environment.*"
"$apnslab" doctor --state "$dir/state" >"$dir/doctor.out" 2>&1 || true
grep -q "pid $serve answers" "$dir/doctor.out" || fail "doctor: $(<"$dir/doctor.out")"

# A port that is taken, by whom; --http2-port goes before --port.
"$apnslab" serve --null --port 0 --http2-port "$port" --state "$dir/state" 2>"$dir/taken.err" && fail 'the port was not taken'
expect 'a port that is taken' "$(<"$dir/taken.err")" "apnslab serve: port $port on 127.0.0.1 is in use \(.*$serve.*\)\. .*"
stop
expect 'the summary' "$(tail -n 1 "$dir/serve.out")" '5 connections; 7 requests, 0 streams reset'
[[ ! -e $dir/state/ready.json ]] || fail 'ready.json is left over'

# As JSON: one line. What was broken, and how often.
start --port 0 --json --threads 2
for i in 1 2; do
  curl -sk --http1.1 --no-alpn --max-time 20 "https://localhost:$port/" >/dev/null 2>"$dir/curl.err" && fail 'HTTP/1 is served'
done
stop
expect 'the summary as JSON' "$(<"$dir/serve.out")" \
  '\{"connections":2,"requests":0,"resets":0,"violations":\{"http2/preface":2\},"bounds":\{\}\}'
expect 'the banner on standard error' "$(head -n 1 "$dir/serve.err")" "  HTTP/2        https://localhost:$port"

# Without TLS the line is another one.
start --port 0 --cleartext --listen 127.0.0.1 --drain 300ms
line=$(sed -n 's/^  try  *//p' "$dir/serve.out")
[[ $line == *--http2-prior-knowledge*http://localhost:* ]] || fail "the line is $line"
answer=$(bash -c "$line" 2>"$dir/curl.err" | tr -d '\r') || fail "\"$line\" ended with $?"
expect "$line" "$(head -n 1 <<<"$answer")" 'HTTP/2 200 '

# A client that stays: the drain ends with it, or after its limit.
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00' >&3
# POST / of authority "a", whose content never comes.
printf '\x00\x00\x06\x01\x04\x00\x00\x00\x01\x83\x86\x84\x01\x01a' >&3
# Once a PING is answered, behind SETTINGS, the window and an acknowledgement, the request is there.
printf '\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong' >&3
[[ $(timeout 20 head -c 78 <&3 | tail -c 8) == pingpong ]] || fail 'the PING was not answered'
cat <&3 >/dev/null &
kill -TERM "$serve"
wait "$serve" || fail "serve ended with $?"
serve=
exec 3>&-
wait
grep -q 'connections were still open and are reset' "$dir/serve.err" || fail "no word of the drain: $(<"$dir/serve.err")"
expect 'the summary' "$(tail -n 1 "$dir/serve.out")" '2 connections; 1 requests, 0 streams reset'

# What means nothing, either way.
for option in --sink '--http2-port-development 1' --strict --no-magic '--gateway-port 1' '--feedback-port-development 1' '--control-port 1' '--secret x' \
  '--profile 2025' '--seed 1' '--world x' '--fault x' '--keep 1' '--tls 1.2' '--tls-min 1.2'; do
  # shellcheck disable=SC2086 # an option and its value
  "$apnslab" serve --null $option 2>"$dir/refused.err" && fail "--null $option is taken"
  expect "--null $option" "$(<"$dir/refused.err")" "apnslab serve: ${option%% *} does not go with --null, .*"
done
"$apnslab" serve --cleartext 2>"$dir/refused.err" && fail '--cleartext without --null is taken'
expect '--cleartext' "$(<"$dir/refused.err")" 'apnslab serve: --cleartext goes with --null only\.'
echo 'banner, ready files, summary, drain and refusals as expected'
