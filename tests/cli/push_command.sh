#!/usr/bin/env bash
# `apnslab push` over HTTP/2 against `apnslab serve` and beside `apnslab exec`: by certificate and by provider token, in
# both environments, what each result looks like, and what is said when it cannot be. $1: the program.
set -euo pipefail
apnslab=$(realpath "$1")
dir=$(mktemp -d)
for name in $(compgen -e | grep '^APNSLAB_' || true); do
  unset "$name"
done
serve=
cleanup() {
  [[ -n $serve ]] && kill -KILL "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT
state=$dir/state
uuid='[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}'

fail() {
  echo "FAIL: $1" >&2
  tail -n 50 "$dir"/*.out "$dir"/*.err >&2 || true
  exit 1
}

# expect WHAT FOUND PATTERN: FOUND is, as a whole, like the extended regular expression.
expect() {
  [[ $2 =~ ^$3$ ]] || fail "$1: \"$2\" instead of \"$3\""
}

# push CODE WORD...: what it says is in out and err.
out=
err=
push() {
  local wanted=$1 code=0
  shift
  out=$("$apnslab" push --state "$state" "$@" 2>"$dir/push.err") || code=$?
  err=$(<"$dir/push.err")
  ((code == wanted)) || fail "push $*: ended with $code instead of $wanted"
}

# ledger_has PATTERN: reads the ledger until a line matches.
ledger_has() {
  local line
  while IFS= read -r -t 20 line <&3; do
    [[ $line =~ $1 ]] && return
  done
  fail "the ledger has no line like $1"
}

mkfifo "$dir/lines"
"$apnslab" serve --port 0 --state "$state" --ready-file "$dir/ready" --json >"$dir/lines" 2>"$dir/serve.err" &
serve=$!
exec 3<"$dir/lines"
until [[ -s $dir/ready ]]; do
  kill -0 "$serve" 2>/dev/null || fail 'serve ended'
done

# Without a flag: HTTP/2, by the certificate.
push 0 phone 'Hello'
expect 'a push' "$out" "sent      a1a1…a1a1  apns-id $uuid  [0-9]+ ms"
expect 'its sum' "$err" '1 notification: 1 sent, 0 rejected, 0 unknown\. [0-9.]+ s, 1 connection\.'
ledger_has '"event":"connection","outcome":"opened".*"auth":"com\.example\.app"'
ledger_has '"outcome":"accepted".*"protocol":"http2","environment":"production".*"push_type":"alert","payload":\{"aps":\{"alert":"Hello"\}\}'

# By the service's own key, whose ids nobody has to give.
for token in '--auth provider-token' "--p8 $state/AuthKey_KEY0000001.p8"; do
  # shellcheck disable=SC2086 # two words
  push 0 phone $token
  expect 'by provider token' "$out" "sent      a1a1…a1a1  apns-id $uuid  [0-9]+ ms"
  ledger_has '"event":"connection","outcome":"opened".*"alpn":"h2"\}$'  # without a certificate
done
push 0 phone --environment development --auth provider-token
expect 'development' "$out" "sent      d1d1…d1d1  apns-id $uuid  [0-9]+ ms"
push 0 f00d --environment development --auth provider-token --push-type voip
ledger_has '"outcome":"accepted".*"environment":"development".*"topic":"com\.example\.app\.voip"'

# What only HTTP/2 can say, as JSON, and what is wrong with it.
id=4084a6e4-9ea8-6d2a-ca49-9a344a152da7
push 0 phone --json --apns-id $id --collapse-id score --priority 5 --expiration 0 --topic com.example.app
expect 'as JSON' "$out" '\{"n":1,"outcome":"sent","device_token":"(a1){32}","status":200,"apns_id":"'$id'","duration_us":[0-9]+\}'
ledger_has '"apns_id":"'$id'".*"priority":5,"expiration":0,"collapse_id":"score"'
push 1 phone --priority 7
expect 'a rejection' "$out" "rejected  400 BadPriority  a1a1…a1a1  apns-id $uuid  [0-9]+ ms"
push 1 phone --apns-id 1
expect 'a bad id' "$out" "rejected  400 BadMessageId  a1a1…a1a1  apns-id $uuid  [0-9]+ ms"
"$apnslab" device uninstall phone --state "$state" >"$dir/device.out"
gone=$(printf 'a1%.0s' {1..32})
push 0 "$gone" 'finds the app gone'
push 1 "$gone" 'and so it is'
expect 'gone' "$out" "rejected  410 Unregistered  since 20[0-9-]{8}T[0-9:]{8}Z  a1a1…a1a1  apns-id $uuid  [0-9]+ ms"

# What a payload alone says: push type, priority and topic; and what contradicts itself is said.
printf '{"aps":{"content-available":1}}' >"$dir/silent.json"
push 0 f00d --payload "$dir/silent.json"
expect 'nothing is wrong' "$err" '1 notification: 1 sent, .*'
ledger_has '"topic":"com\.example\.app","push_type":"background","priority":5,'
push 0 f00d --payload "$dir/silent.json" --as-is --topic com.example.app
ledger_has '"topic":"com\.example\.app","payload":\{"aps":\{"content-available":1\}\}'
push 0 f00d --payload "$dir/silent.json" --priority 10
expect 'a contradiction' "$err" 'apnslab push: http2/background-has-priority-5: push type background with priority 10: .* Right: send it with priority 5\..*'
push 2 f00d --expiration 1764028800123
expect 'milliseconds' "$err" 'apnslab push: --expiration 1764028800123 is in milliseconds; send seconds: 1764028800\.'
printf '{"aps":{"alert":"%05000d"}}' 7 >"$dir/large.json"
push 1 f00d --payload "$dir/large.json"
push 0 f00d --payload "$dir/large.json" --fit
expect 'made to fit' "$err" 'apnslab push: --fit: the alert was shortened: body 5000 to 4076 bytes\..*'

# Which device tokens to drop.
printf '{"device_token":"%s","payload":{"aps":{"alert":"a"}}}\n' "$gone" f00d fa110410 >"$dir/drop.ndjson"
push 1 --input "$dir/drop.ndjson" --drop "$dir/drop.jsonl"
drops=$(<"$dir/drop.jsonl")
expect 'what to drop' "$drops" '\{"device_token":"(a1){32}","drop":true,"advice":"drop","status":410,"reason":"Unregistered","timestamp":"20[^"]*","why":"its app is gone"\}.*'
printf '{"device_token":"%s","registered_at":"2099-01-01T00:00:00Z"}\n' "$gone" >"$dir/registered.jsonl"
push 1 --input "$dir/drop.ndjson" --drop "$dir/drop.jsonl" --registrations "$dir/registered.jsonl"
drops=$(<"$dir/drop.jsonl")
expect 'what to keep' "$drops" '\{"device_token":"(a1){32}","drop":false,"advice":"keep",.*"registered_at":"2099-01-01T00:00:00Z","why":"registered again since"\}.*'
push 2 phone --registrations "$dir/registered.jsonl"
expect 'no --drop' "$err" 'apnslab push: --registrations is for --drop: .*'

# A stream of them, by provider token.
cat >"$dir/lines.ndjson" <<'LINES'
{"n":1,"device_token":"d1d1","payload":{"aps":{"alert":"one"}},"push_type":"alert","collapse_id":"a"}
{"n":2,"device_token":"d1d2","payload":{"aps":{"alert":"two"}},"priority":3}
{"n":3,"device_token":"d1d3","payload":{"aps":{}},"push_type":"background","priority":5,"apns_id":"4084a6e4-9ea8-6d2a-ca49-9a344a152da8"}
not JSON
LINES
push 1 --auth provider-token --environment development --json --input "$dir/lines.ndjson"
results=$(sort <<<"$out")
expect 'results' "$results" '\{"n":1,"outcome":"sent",.*
\{"n":2,"outcome":"rejected","device_token":"d1d2","status":400,"reason":"BadPriority",.*
\{"n":3,"outcome":"sent",.*"apns_id":"4084a6e4-9ea8-6d2a-ca49-9a344a152da8",.*
\{"n":4,"outcome":"rejected","reason":".*lines\.ndjson:4:1:2: this is not JSON: .*"\}'

# What goes again, by itself: twice, unless told otherwise; never what is for ever.
push 0 fa1105030002 'twice unavailable'
expect 'in the end' "$out" "sent      fa11…0000  apns-id $uuid  [0-9]+ ms"
expect 'its sum' "$err" '1 notification: 1 sent, 0 rejected, 0 unknown\. [0-9.]+ s, 1 connection, 2 sent again\.'
push 1 fa1105030003 'three times'
expect 'its bound' "$out" "rejected  503 ServiceUnavailable  fa11…0000  apns-id $uuid  [0-9]+ ms"
push 1 fa1104290002 --retries 0
expect 'no retries' "$err" '1 notification: 0 sent, 1 rejected, 0 unknown; 1 x 429 TooManyRequests\. [0-9.]+ s, 1 connection\.'
push 1 fa1104000001 'once bad'
expect 'a bad device token' "$out" "rejected  400 BadDeviceToken  fa11…0000  apns-id $uuid  [0-9]+ ms"
expect 'and its sum' "$err" '.* 1 connection\.'
push 1 fa11c1050101 'its connection is reset'
expect 'at most once' "$out" 'unknown   the connection was lost without an answer  fa11…0000  [0-9]+ ms'
push 0 fa11c1050102 --at-least-once
expect 'at least once' "$err" '1 notification: 1 sent, 0 rejected, 0 unknown\. [0-9.]+ s, 3 connections, 2 sent again\.'
push 2 phone --protocol binary --retries 1
expect 'retries over binary' "$err" 'apnslab push: --retries exists in HTTP/2 only: .*'

# Tokens that the service refuses, and what push has to say of them.
push 1 phone --auth provider-token --team-id TEAM000002
expect 'of another team' "$out" "rejected  403 InvalidProviderToken  .*"
expect 'the reason' "$err" 'apnslab push: localhost:[0-9]+ answered 403 InvalidProviderToken: a provider token with a bad signature .*'

# What is wrong is said before anything is sent.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out "$dir/rsa.p8" 2>/dev/null
push 2 phone --p8 "$dir/rsa.p8" --key-id KEY0000002 --team-id TEAM000002
expect 'RSA' "$err" "apnslab push: $dir/rsa\.p8 is a key of another kind, such as RSA, .*"
push 2 phone --p8 "$state/AuthKey_KEY0000001.p8" --key-id TEAM000001 --team-id KEY0000001
expect 'swapped' "$err" "apnslab push: the team id KEY0000001 is the key's, .* Swap the two ids\."
push 2 phone --p8 "$state/AuthKey_KEY0000001.p8" --cert "$state/cert.pem"
expect 'two credentials' "$err" 'apnslab push: --cert and --p8 name two credentials: .*'
cp "$state/AuthKey_KEY0000001.p8" "$dir/mine.p8"
push 2 phone --p8 "$dir/mine.p8" --key-id KEY0000001 --team-id TEAM000001
expect 'no topic' "$err" 'apnslab push: a provider token is for all apps of its team\. Say which with --topic: its bundle id\.'
push 0 f00d --p8 "$dir/mine.p8" --key-id KEY0000001 --team-id TEAM000001 --topic com.example.app
push 2 phone --protocol binary --p8 "$dir/mine.p8"
expect 'binary' "$err" 'apnslab push: --p8 exists in HTTP/2 only: .*'
push 2 phone --auth token
expect 'another credential' "$err" 'apnslab push: --auth must be one of certificate, provider-token, not "token"\.'

# A certificate that is no good.
"$apnslab" certs --state "$state" --out "$dir/revoked" --kind revoked >/dev/null
push 1 phone --cert "$dir/revoked/cert.pem" --key "$dir/revoked/key.pem"
expect 'revoked' "$out" 'rejected  never left  .*'
expect 'the alert' "$err" 'apnslab push: the service refused our certificate \(alert certificate_revoked\)\. .*'
"$apnslab" certs --state "$state" --out "$dir/development" --kind development >/dev/null
push 1 phone --cert "$dir/development/cert.pem" --key "$dir/development/key.pem"
expect 'of development' "$err" 'apnslab push: localhost:[0-9]+ ended the connection by GOAWAY \(NO_ERROR\): BadCertificateEnvironment, .*'

kill -TERM "$serve"
cat <&3 >/dev/null
wait "$serve" || fail "serve ended with $?"
serve=

# Beside exec the variables tell all of it: a certificate while they name one, else a key.
in_exec() {
  "$apnslab" exec -- bash -c "$1" >"$dir/exec.out" 2>"$dir/exec.err" || fail "exec ended with $?: $1"
  out=$(<"$dir/exec.out")
}
in_exec "$apnslab push phone Hello --json"
expect 'in exec' "$out" '\{"n":1,"outcome":"sent",.*'
in_exec "$apnslab push phone --environment development --auth provider-token --json && curl -sS \$APNSLAB_CONTROL_URL/ledger"
expect 'in exec, development' "$out" '.*"outcome":"sent",.*"outcome":"opened","connection":1,"protocol":"http2","environment":"development"[^}]*"alpn":"h2"\}.*'
in_exec "unset APNSLAB_CERT_FILE && $apnslab push phone --json && curl -sS \$APNSLAB_CONTROL_URL/ledger"
expect 'in exec, no certificate' "$out" '.*"outcome":"sent",.*"outcome":"opened","connection":1,[^}]*"alpn":"h2"\}.*'

echo "by certificate and provider token, in both environments, with what is said when it cannot be"
