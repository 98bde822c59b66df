#!/usr/bin/env bash
# openssl s_client pushes over HTTP/2 written by hand, with every kind of certificate: the alert or the GOAWAY that it draws,
# or the answer, in TLS 1.2 and 1.3; and without ALPN. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
need openssl od node python3

# block NAME VALUE...: HPACK, each a literal of new name and without indexing; printf's escapes.
block() {
  while (($# > 0)); do
    printf '\\x00\\x%02x%s\\x%02x%s' "${#1}" "$1" "${#2}" "$2"
    shift 2
  done
}

# frame TYPE FLAGS STREAM PAYLOAD: in printf's escapes, of which the payload is to have no more than it needs.
frame() {
  local len
  len=$(printf "$4" | wc -c)
  printf '\\x%02x\\x%02x\\x%02x\\x%02x\\x%02x\\x00\\x00\\x00\\x%02x%s' \
    $((len >> 16)) $((len >> 8 & 255)) $((len & 255)) "$1" "$2" "$3" "$4"
}

# conversation DEVICE_TOKEN [NAME VALUE]: preface, SETTINGS and their acknowledgement, one push on stream 1, then GOAWAY, upon
# which the service ends the connection, and s_client with it.
conversation() {
  local path=/3/device/$1
  shift
  printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n'
  frame 4 0 0 ''
  frame 4 1 0 ''
  # Indexed: POST, https. No authority.
  frame 1 4 1 "\\x83\\x87$(block :path "$path" apns-topic com.example.app apns-id "$own_id" "$@")"
  frame 0 1 1 '{"aps":{"alert":"Hello"}}'
  frame 7 0 0 '\x00\x00\x00\x00\x00\x00\x00\x00'
}

# talk PORT OPTION...: says what is in said; what comes back, in hex, is in answer.
talk() {
  local to=$1
  shift
  answer=$(printf "$said" | timeout 20 openssl s_client -connect "localhost:$to" -CAfile "$dir/state/ca.pem" \
    -verify_return_error -quiet "$@" 2>"$dir/client.err" | od -An -v -tx1 | tr -d ' \n') || true
}

hex() { printf "$1" | od -An -v -tx1 | tr -d ' \n'; }

# expect WHAT DRAWN: an alert's number, a status with or without a reason, or a GOAWAY's reason.
expect() {
  local what=$1 drawn=$2
  local alert settings=00001e0400000000000001000010000003000003e8000400 # of a connection that may have 1,000 streams
  alert=$(sed -n 's/.*SSL alert number \([0-9]*\).*/\1/p' "$dir/client.err" | head -n 1)
  case $drawn in
    alert*) [[ "alert $alert" == "$drawn" && -z $answer ]] || fail "$what: alert $alert, answer $answer, $drawn expected" ;;
    goaway*) # NO_ERROR, no stream; nothing else behind the settings
      [[ $answer == "$settings"*0000"$(printf '%02x' $((8 + ${#drawn} - 7)))"0700000000000000000000000000"$(hex "${drawn#goaway }")" &&
        -z $alert ]] || fail "$what: $answer, $drawn expected" ;;
    200) [[ $answer == "$settings"*010500000001"88"* && -z $alert ]] || fail "$what: $answer, 200 expected" ;;
    400*) # :status 400 is entry 12 of the static table
      [[ $answer == "$settings"*0104000000018c*000100000001"$(hex "${drawn#400 }")"* && -z $alert ]] ||
        fail "$what: $answer, $drawn expected" ;;
  esac
}

start
own_id=123e4567-e89b-12d3-a456-4266554400aa
development_port=$(fact http2_port_development)
phone=$(fact device_token)
readonly environment='goaway {"reason":"BadCertificateEnvironment"}'
# kind|production|development
kinds="
universal|200|200
production|200|$environment
development|$environment|200
expired|alert 80|alert 80
not-yet-valid|alert 80|alert 80
revoked|alert 44|alert 44
other-environment|$environment|200
other-topic|400 {\"reason\":\"BadTopic\"}|400 {\"reason\":\"BadTopic\"}
unknown-ca|200|200
"
num_kinds=0
while IFS='|' read -r kind production development; do
  [[ -n $kind ]] || continue
  "$apnslab" certs --state "$dir/state" --kind "$kind" --out "$dir/$kind" >/dev/null || fail "certs --kind $kind"
  for version in -tls1_2 -tls1_3; do
    said=$(conversation "$phone")
    talk "$port" -alpn h2 "$version" -cert "$dir/$kind/cert.pem" -key "$dir/$kind/key.pem"
    expect "$kind, production, $version" "$production"
    said=$(conversation "$(fact device_token_development)")
    talk "$development_port" -alpn h2 "$version" -cert "$dir/$kind/cert.pem" -key "$dir/$kind/key.pem"
    expect "$kind, development, $version" "$development"
  done
  num_kinds=$((num_kinds + 1))
done <<<"$kinds"
said=$(conversation "$phone")
talk "$port" -cert "$dir/state/cert.pem" -key "$dir/state/key.pem"
expect 'without ALPN' 200
stop
expect_events 15 event=notification outcome=accepted "apns_id=$own_id"
expect_events 4 event=notification outcome=rejected status=400 reason=BadTopic
expect_events 8 event=connection outcome=refused alert=80 by=service
expect_events 4 event=connection outcome=refused alert=44 by=service
expect_events 6 event=connection outcome=closed by=service \
  'goaway=NO_ERROR, last stream 0, {"reason":"BadCertificateEnvironment"}'
expect_events 1 event=connection outcome=opened alpn=None auth=com.example.app
expect_events 19 event=notification
echo "openssl s_client: $num_kinds kinds of certificates at two services in TLS 1.2 and 1.3, each draws what it is to"
