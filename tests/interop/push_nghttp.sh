#!/usr/bin/env bash
# nghttp pushes over HTTP/2, with a client certificate and with a provider token: the frames that it sees, and the ledger.
# $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
need nghttp node python3
printf '{"aps":{"alert":"Hello"}}' >"$dir/body"

# post DEVICE_TOKEN OPTION...: one push, or several; what nghttp saw is in seen, without its times.
post() {
  local device_token=$1
  shift
  SSL_CERT_FILE=$dir/state/ca.pem nghttp -v -d "$dir/body" -H 'apns-topic: com.example.app' "${identity[@]}" "$@" \
    "https://localhost:$port/3/device/$device_token" >"$dir/nghttp.out" 2>"$dir/nghttp.err" || fail "nghttp ended with $?"
  [[ ! -s $dir/nghttp.err ]] || fail "nghttp warns: $(<"$dir/nghttp.err")"
  seen=$(sed -E 's/\[ *[0-9]+\.[0-9]+\] /\n/' "$dir/nghttp.out")
}

# frames: those that came, each with its flags and what says most. HEADERS have no length: that of an apns-id varies.
frames() {
  awk '
    / frame </ { came = $1 == "recv" }
    / frame </ && came && ! /recv (HEADERS|SETTINGS frame <length=30)/ { print "recv", $2, $4, $5 }
    / frame </ && came && /recv (HEADERS|SETTINGS frame <length=30)/ { print "recv", $2, $5 }
    came && /SETTINGS_MAX_CONCURRENT_STREAMS/ { sub(".*:", ""); print "limit " $0 }
    /^recv .*:status: / { print ":status", $NF }' <<<"$seen" | sed -E 's/^recv //; s/[<>,]|length=|flags=//g; s/\]//' | tr '\n' ','
}

# expect WHAT FRAME...: these came, in this order, and perhaps more behind them.
expect() {
  local what=$1 wanted
  shift
  wanted=$(printf '%s,' "$@")
  [[ $(frames) == "$wanted"* ]] || fail "$what: $(frames), $wanted expected; nghttp saw $seen"
}

# judge WHO LIMIT...: what every provider is to see; the frames that come before the answer.
judge() {
  local who=$1 gone reason
  shift
  gone=$("$apnslab" device register "leaver-$who" com.example.app --state "$dir/state") || fail 'there is no device token'
  post "$phone"
  expect "$who: accepted" "$@" ':status 200' 'HEADERS 0x05'
  post "$development"
  reason='{"reason":"BadDeviceToken"}'
  expect "$who: of the other environment" "$@" ':status 400' 'HEADERS 0x04' "DATA ${#reason} 0x01"
  grep -qF "$reason" <<<"$seen" || fail "$who: no $reason in $seen"
  "$apnslab" device uninstall "leaver-$who" com.example.app --state "$dir/state" >/dev/null || fail 'device uninstall'
  post "$gone" # the phone says so to the first one that comes
  expect "$who: uninstalled, and nobody knows yet" "$@" ':status 200' 'HEADERS 0x05'
  post "$gone"
  reason='{"reason":"Unregistered","timestamp":1234567890123}'
  expect "$who: unregistered" "$@" ':status 410' 'HEADERS 0x04' "DATA ${#reason} 0x01"
  grep -qE '\{"reason":"Unregistered","timestamp":[0-9]{13}\}' <<<"$seen" || fail "$who: $seen"
  # Many requests at once, in frames as odd as they may be.
  post "$phone" -m 50 --no-content-length --no-dep -b 200 --continuation --trailer 'x-checksum: 0'
  [[ $(grep -c '^recv (stream_id=[0-9]*) :status: 200' <<<"$seen") == 50 ]] || fail "$who: not 50 answers of 200: $seen"
}

start
phone=$(fact device_token)
development=$(fact device_token_development)
for who in certificate token; do
  "$apnslab" device add "leaver-$who" --app com.example.app --app com.example.other --state "$dir/state" >/dev/null || fail 'device add'
done
identity=(--cert "$dir/state/cert.pem" --key "$dir/state/key.pem")
judge certificate 'SETTINGS 0x00' 'limit 1000' 'SETTINGS 0 0x01'
provider_token=$(node "$here/provider_token.js" "$(fact p8_file)" "$(fact key_id)" "$(fact team_id)")
identity=(-H "authorization: bearer $provider_token")
# One stream until a request has shown who is there.
judge token 'SETTINGS 0x00' 'limit 1' 'SETTINGS 0 0x01' 'SETTINGS 6 0x00' 'limit 1000'
stop
expect_events 104 event=notification outcome=accepted protocol=http2 environment=production status=200
expect_events 2 event=notification outcome=rejected status=400 reason=BadDeviceToken
expect_events 2 event=notification outcome=rejected status=410 reason=Unregistered
expect_events 108 event=notification
expect_events 5 event=connection outcome=opened alpn=h2 auth=com.example.app
expect_events 10 event=connection outcome=opened alpn=h2
expect_events 0 event=violation
echo 'nghttp: 108 pushes, with a certificate and with a provider token, frames and ledger as they are to be'
