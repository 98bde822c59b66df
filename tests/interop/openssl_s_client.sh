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
old_serve=
cleanup() {
  [[ -n $serve ]] && kill "$serve" 2>/dev/null
  [[ -n $old_serve ]] && kill "$old_serve" 2>/dev/null
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

# ledger_has PATTERN: reads the ledger until a line matches, which is then in ledger_line.
ledger_line=
ledger_has() {
  local line
  while IFS= read -r -t 20 line <&3; do
    if [[ $line =~ $1 ]]; then
      ledger_line=$line
      return 0
    fi
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
ledger_has '"outcome":"closed".*"environment":"development"'  # all before was read

# Every kind of certificate at the production gateway: what s_client saw, and what the ledger says.
# kind, alert in the wire's number ("-": let in), text in the ledger
kinds='
universal|-|
production|-|
development|46|for the development environment only
expired|45|ended on 2012-12-31
not-yet-valid|42|begins on 2119-01-01
revoked|44|is revoked
other-environment|46|for the development environment only
other-topic|-|
no-topic|-|
long-topic|-|
unknown-ca|-|
'
printf '%-18s %-32s %s\n' kind 'openssl saw' 'the ledger says'
while IFS='|' read -r kind alert detail; do
  [[ -n $kind ]] || continue
  "$apnslab" certs --state "$state" --kind "$kind" --out "$dir/$kind" >/dev/null
  packet=$(printf "$bad" | client "$port" -cert "$dir/$kind/cert.pem" -key "$dir/$kind/key.pem" 2>"$dir/client.err" |
    od -An -tx1 | tr -d ' \n') || true
  number=$(sed -n 's/.*SSL alert number \([0-9]*\).*/\1/p' "$dir/client.err" | head -1)
  name=$(sed -n 's/.*alert \([a-z ]*\):.*SSL alert number.*/\1/p' "$dir/client.err" | head -1)
  if [[ $alert == - ]]; then
    [[ $packet == 080200000008 ]] || fail "$kind: \"$packet\" instead of an error packet; $(cat "$dir/client.err")"
    ledger_has '"outcome":"opened"'
    saw="error packet $packet" said=$(sed -n 's/.*"outcome":"\([a-z]*\)".*/\1/p' <<<"$ledger_line")
  else
    [[ $number == "$alert" ]] || fail "$kind: alert $number, $alert expected; $(cat "$dir/client.err")"
    ledger_has '"outcome":"refused"'
    [[ $ledger_line == *"\"alert\":$alert,"* && $ledger_line == *"$detail"* ]] || fail "$kind: $ledger_line"
    saw="alert $number $name" said="refused, $(sed -n 's/.*"detail":"\(\([^"\\]\|\\.\)*\)".*/\1/p' <<<"$ledger_line")"
  fi
  printf '%-18s %-32s %s\n' "$kind" "$saw" "$said"
done <<<"$kinds"

# Our list of revoked certificates is one that openssl uses.
check_crl() { openssl verify -crl_check -CRLfile "$state/ca.crl.pem" -CAfile "$state/ca.pem" "$1" 2>&1; }
check_crl "$state/cert.pem" >/dev/null || fail "cert.pem is not in order with the list"
check_crl "$dir/revoked/cert.pem" >"$dir/verify.out" && fail "the revoked certificate is in order"
grep -q 'certificate revoked' "$dir/verify.out" || fail "not revoked: $(cat "$dir/verify.out")"

# TLS 1.0 and 1.1 draw alert 70 here, and are spoken by a service that is told to.
old() { client "$1" -cert "$state/cert.pem" -key "$state/key.pem" "$2" -cipher DEFAULT@SECLEVEL=0; }
for version in -tls1 -tls1_1; do
  printf "$bad" | old "$port" "$version" >/dev/null 2>"$dir/client.err" && fail "$version is served"
  grep -q 'SSL alert number 70' "$dir/client.err" || fail "$version: no alert 70: $(cat "$dir/client.err")"
done
"$apnslab" serve --port 0 --state "$dir/state" --ready-file "$dir/old" --tls-min 1.0 --quiet >/dev/null 2>>"$dir/serve.out" &
old_serve=$!
until [[ -s $dir/old ]]; do
  kill -0 "$old_serve" 2>/dev/null || fail "serve --tls-min 1.0 ended"
done
old_port=$(sed -n 's/.*"gateway_port": \([0-9]*\).*/\1/p' "$dir/old")
for version in -tls1 -tls1_1 -tls1_2; do
  packet=$(printf "$bad" | old "$old_port" "$version" 2>"$dir/client.err" | od -An -tx1 | tr -d ' \n')
  [[ $packet == 080200000008 ]] || fail "$version: \"$packet\"; $(cat "$dir/client.err")"
done
kill -TERM "$old_serve"
wait "$old_serve" || fail "serve --tls-min 1.0 ended with $?"
old_serve=

# Half a frame, then the end: nothing is accepted, the service goes on, and stops as told.
printf '\x02\x00\x00' | client "$port" -no_ign_eof -cert "$state/cert.pem" -key "$state/key.pem" >/dev/null 2>&1 || true
kill -TERM "$serve"
wait "$serve" || fail "serve ended with $?"
serve=
echo "openssl s_client: error packet, names, TLS 1.0 to 1.2, each certificate and its alert as expected"
