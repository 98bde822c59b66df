#!/usr/bin/env bash
# `apnslab doctor` beside a running service, beside none, and with faults made by hand. Which ports
# are free here is the machine's affair, so those lines are left out. $1: the program.
set -euo pipefail
apnslab=$1
dir=$(mktemp -d)
serve=
cleanup() {
  [[ -n $serve ]] && kill -KILL "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT
unset NODE_EXTRA_CA_CERTS SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_TLS_REJECT_UNAUTHORIZED

fail() {
  echo "FAIL: $1" >&2
  cat "$dir/out" >&2
  exit 1
}

# doctor VARIABLE=VALUE...: what it says of all but ports is in out.
doctor() {
  local code=0 failed
  env "$@" "$apnslab" doctor --json --state "$dir/state" >"$dir/all" || code=$?
  failed=$(grep -c '"level":"fail"' "$dir/all" || true)
  [[ $code == $((failed > 0 ? 1 : 0)) ]] || fail "doctor ended with $code and $failed failures"
  grep -v '"check":"port ' "$dir/all" >"$dir/out"
}

says() {
  grep -qF -- "$1" "$dir/out" || fail "doctor does not say: $1"
}

doctor
says '{"level":"info","check":"running service","found":"none in this state folder"}'
says '"check":"state folder","found":"'"$dir/state"' is not there; serve makes it"'

mkfifo "$dir/lines"
"$apnslab" serve --port 0 --state "$dir/state" --ready-file "$dir/ready" --json >"$dir/lines" 2>"$dir/err" &
serve=$!
exec 3<"$dir/lines"
until [[ -s $dir/ready ]]; do
  kill -0 "$serve" 2>/dev/null || fail 'serve ended'
done
doctor
says '"check":"running service","found":"pid '"$serve"' answers'
says '{"level":"ok","check":"keys"'
says '{"level":"ok","check":"server.pem"'
if curl --version 2>/dev/null | grep -qw HTTP2; then
  says '{"level":"info","check":"curl","found":"curl '
fi
for where in '' ', development'; do
  says '{"level":"ok","check":"HTTP/2'"$where"'","found":"port '
  says '{"level":"ok","check":"provider token'"$where"'","found":"is accepted"}'
done
# The service knows the key that was there when it began.
cp "$dir/state/AuthKey_KEY0000001.p8" "$dir/kept.p8"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/state/AuthKey_KEY0000001.p8" 2>/dev/null
doctor
says '{"level":"fail","check":"provider token","found":"403 InvalidProviderToken"'
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$dir/state/AuthKey_KEY0000001.p8" 2>/dev/null
doctor
says '{"level":"ok","check":"HTTP/2","found":"port '
says 'AuthKey_KEY0000001.p8 is a key on another curve than P-256'
cp "$dir/kept.p8" "$dir/state/AuthKey_KEY0000001.p8"
# Whom the CA of the folder has not certified is not asked.
cp "$dir/state/ca.pem" "$dir/kept.ca"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/other.key" -subj /CN=other \
  -out "$dir/state/ca.pem" 2>/dev/null
doctor
says '{"level":"fail","check":"HTTP/2","found":"we refused the service'
cp "$dir/kept.ca" "$dir/state/ca.pem"
cp "$dir/ready" "$dir/kept"
kill -TERM "$serve"
wait "$serve" || fail "serve ended with $?"
cp "$dir/kept" "$dir/state/ready.json"
doctor
says "ready.json is left over: there is no process $serve"
serve=

rm "$dir/state/ready.json"
chmod 644 "$dir/state/key.pem"
echo garbage >"$dir/state/server.pem"
touch "$dir/state/notes.txt"
doctor SSL_CERT_FILE="$dir/nowhere.pem" CURL_CA_BUNDLE="$dir/state/ca-bundle.pem" NODE_EXTRA_CA_CERTS="$dir/kept"
says '"found":"others may read key.pem (0644)"'
says '{"level":"fail","check":"server.pem","found":"cannot read a certificate'
says 'apnslab did not make notes.txt'
says '{"level":"fail","check":"SSL_CERT_FILE"'
says '{"level":"ok","check":"CURL_CA_BUNDLE"'
says '{"level":"warn","check":"NODE_EXTRA_CA_CERTS"'
"$apnslab" doctor --state "$dir/state" >"$dir/out" && fail 'doctor passed'
says 'right: chmod 600 them'
