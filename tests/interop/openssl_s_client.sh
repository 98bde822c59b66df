#!/usr/bin/env bash
# openssl s_client as a provider: raw frames in, the error packet out; and what it sees of the handshake. $1: the program.
set -euo pipefail
apnslab=$1
if ! command -v openssl >/dev/null; then
  echo "skipped: openssl is not installed"
  exit 77
fi
dir=$(mktemp -d)
serve=
cleanup() {
  [[ -n $serve ]] && kill "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT

fail() {
  echo "FAIL: $1" >&2
  cat "$dir/serve.out" >&2
  exit 1
}

mkfifo "$dir/lines"
"$apnslab" serve --port 0 --state "$dir/state" --ready-file "$dir/ready" --json >"$dir/lines" 2>"$dir/serve.out" &
serve=$!
exec 3<"$dir/lines"
until [[ -s $dir/ready ]]; do
  kill -0 "$serve" 2>/dev/null || fail "serve ended"
done
port=$(sed -n 's/.*"gateway_port": \([0-9]*\).*/\1/p' "$dir/ready")
port_development=$(sed -n 's/.*"gateway_port_development": \([0-9]*\).*/\1/p' "$dir/ready")
state=$dir/state

# client PORT OPTION...: standard input to the gateway, what comes back to standard output.
client() {
  local to=$1
  shift
  timeout 20 openssl s_client -connect "127.0.0.1:$to" -CAfile "$state/ca.pem" -verify_return_error -quiet "$@"
}

# ledger_has PATTERN: reads the ledger until a line matches.
ledger_has() {
  local line
  while IFS= read -r -t 20 line <&3; do
    [[ $line =~ $1 ]] && return 0
  done
  fail "the ledger has no line like $1"
}

token=$(printf 'ab%.0s' {1..32})
# Command 2: frame length 0x33 = 51; items device token (32), payload (2) "{}", identifier 7.
good='\x02\x00\x00\x00\x2f\x01\x00\x20'$(printf '\\xab%.0s' {1..32})'\x02\x00\x02{}\x03\x00\x04\x00\x00\x00\x07'
# The same with a device token of length 0 and identifier 8: status 2.
bad='\x02\x00\x00\x00\x0f\x01\x00\x00\x02\x00\x02{}\x03\x00\x04\x00\x00\x00\x08'

# Both frames; the gateway answers for the second, and s_client ends with the connection.
packet=$(printf "$good$bad" | client "$port" -cert "$state/cert.pem" -key "$state/key.pem" 2>"$dir/client.err" |
  od -An -tx1 | tr -d ' \n')
[[ $packet == 080200000008 ]] || fail "the error packet is \"$packet\", 080200000008 expected; $(cat "$dir/client.err")"
ledger_has "\"outcome\":\"accepted\".*\"identifier\":7.*$token"
ledger_has '"outcome":"rejected".*"identifier":8.*"status":2'

# The name that Apple's gateway has is in the certificate, and TLS 1.2 is what is spoken.
printf "$bad" | client "$port" -cert "$state/cert.pem" -key "$state/key.pem" -verify_hostname gateway.push.apple.com \
  >/dev/null 2>"$dir/client.err" || fail "gateway.push.apple.com is not in the certificate: $(cat "$dir/client.err")"
info=$(timeout 20 openssl s_client -connect "127.0.0.1:$port" -CAfile "$state/ca.pem" -cert "$state/cert.pem" \
  -key "$state/key.pem" </dev/null 2>/dev/null)
grep -q 'Protocol *: TLSv1.2' <<<"$info" || fail "not TLS 1.2: $info"
grep -q 'session ticket' <<<"$info" && fail "a session ticket was sent: $info"

# No client certificate: alert 40. A development certificate at production: alert 46, and at development it is served.
client "$port" </dev/null >/dev/null 2>"$dir/client.err" && fail "served without a client certificate"
grep -q 'alert handshake failure' "$dir/client.err" || fail "no alert 40: $(cat "$dir/client.err")"
"$apnslab" certs --state "$state" --kind development --out "$dir/dev" >/dev/null
printf "$bad" | client "$port" -cert "$dir/dev/cert.pem" -key "$dir/dev/key.pem" >/dev/null 2>"$dir/client.err" || true
grep -q 'alert certificate unknown' "$dir/client.err" || fail "no alert 46: $(cat "$dir/client.err")"
packet=$(printf "$bad" | client "$port_development" -cert "$dir/dev/cert.pem" -key "$dir/dev/key.pem" 2>/dev/null |
  od -An -tx1 | tr -d ' \n')
[[ $packet == 080200000008 ]] || fail "development gateway: \"$packet\""

# Half a frame, then the end: nothing is accepted, the service goes on, and stops as told.
printf '\x02\x00\x00' | client "$port" -cert "$state/cert.pem" -key "$state/key.pem" >/dev/null 2>&1 || true
kill -TERM "$serve"
wait "$serve" || fail "serve ended with $?"
serve=
echo "openssl s_client: error packet, names, TLS 1.2, alerts 40 and 46 as expected"
