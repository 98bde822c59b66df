#!/usr/bin/env bash
# openssl s_client and `apnslab serve --null`: what is agreed on by ALPN, and HTTP/2 written by hand. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/null_service.sh"
need openssl od

client() {
  timeout 20 openssl s_client -connect "localhost:$port" -CAfile "$dir/state/ca.pem" -verify_return_error "$@" \
    2>"$dir/client.err"
}

text() { tr -d '\0'; }

hex() { od -An -v -tx1 | tr -d ' \n'; }

start_null
for version in -tls1_2 -tls1_3; do
  seen=$(client "$version" -alpn h2 </dev/null | text) || fail "$version with -alpn h2: $(<"$dir/client.err")"
  grep -q '^ALPN protocol: h2' <<<"$seen" || fail "$version: $seen"
  grep -q 'session ticket' <<<"$seen" && fail "$version: a session ticket was sent: $seen"
  seen=$(client "$version" -alpn http/1.1,h2 </dev/null | text) || fail "$version: $(<"$dir/client.err")"
  grep -q '^ALPN protocol: h2' <<<"$seen" || fail "$version: h2 as second choice: $seen"
  seen=$(client "$version" </dev/null | text) || fail "$version without ALPN: $(<"$dir/client.err")"
  grep -q '^No ALPN negotiated' <<<"$seen" || fail "$version without ALPN: $seen"
  client "$version" -alpn http/1.1 </dev/null >/dev/null && fail "$version: http/1.1 alone is served"
  grep -q 'SSL alert number 120' "$dir/client.err" || fail "$version: no alert 120: $(<"$dir/client.err")"
done
client -tls1_1 -cipher DEFAULT@SECLEVEL=0 </dev/null >/dev/null && fail 'TLS 1.1 is served'
grep -q 'SSL alert number 70' "$dir/client.err" || fail "no alert 70: $(<"$dir/client.err")"
for name in api.push.apple.com api.sandbox.push.apple.com; do
  client -verify_hostname "$name" </dev/null >/dev/null || fail "$name is not in the certificate: $(<"$dir/client.err")"
done

# Preface, empty SETTINGS, their ACK, HEADERS with END_STREAM: POST https / of authority "a". Then GOAWAY, upon which the
# service ends the connection, and s_client with it.
preface='PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00'
request='\x00\x00\x06\x01\x05\x00\x00\x00\x01\x83\x87\x84\x01\x01a'
goaway='\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
for alpn in '-alpn h2' ''; do
  # shellcheck disable=SC2086 # two words or none
  said=$(printf "$preface$request$goaway" | client -quiet $alpn | hex)
  # SETTINGS of 30 bytes first; HEADERS of 47 bytes on stream 1, END_STREAM and END_HEADERS, ":status 200".
  [[ $said == 00001e0400* && $said == *00002f0105000000018800076170* ]] || fail "by hand, $alpn: $said"
done

# HTTP/1 is told so by a GOAWAY: PROTOCOL_ERROR, and text.
said=$(printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' | client -quiet | hex)
[[ $said == *0700000000000000000000000001* && $said == *"$(printf 'Unexpected HTTP/1.x request: GET / ' | hex)" ]] || fail "HTTP/1: $said"
grep -q 'http2 connection=[0-9]* these are HTTP/1 bytes' "$dir/serve.err" || fail 'HTTP/1 bytes are not told'
kill -TERM "$serve"
wait "$serve" || fail "serve --null ended with $?"
serve=
echo 'openssl s_client: ALPN h2, none, and alert 120; a request by hand; HTTP/1 is told by GOAWAY'
