#!/usr/bin/env bash
# curl pushes over HTTP/2, with a client certificate and with a provider token: each answer byte for byte, and the ledger.
# $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
need curl node python3

uuid='[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}'
own_id=123e4567-e89b-12d3-a456-4266554400aa

# post DEVICE_TOKEN OPTION...: one push; the answer, head and body, without carriage returns.
post() {
  local device_token=$1
  shift
  curl -sS -i --http2 --max-time 20 --cacert "$dir/state/ca.pem" "${identity[@]}" \
    -d '{"aps":{"alert":"Hello"}}' "$@" "https://localhost:$port/3/device/$device_token" 2>"$dir/curl.err" |
    tr -d '\r' || fail "curl ended with $?"
}

# expect WHAT PATTERN ANSWER
expect() {
  [[ $3 =~ ^$2$ ]] || fail "$1: the answer is $3"
}

# judge WHO: what every provider is to see, whoever it is.
judge() {
  local gone
  gone=$("$apnslab" device register "leaver-$1" com.example.app --state "$dir/state" | grep -oE '[0-9a-f]{64}') ||
    fail 'there is no device token'
  expect "$1: accepted" "HTTP/2 200 "$'\n'"apns-id: $uuid" "$(post "$phone" -H "$topic")"
  expect "$1: accepted, with an apns-id of its own" "HTTP/2 200 "$'\n'"apns-id: $own_id" \
    "$(post "$phone" -H "$topic" -H "apns-id: $own_id" -H 'apns-push-type: alert' -H 'apns-priority: 5')"
  expect "$1: accepted, without ALPN" "HTTP/2 200 "$'\n'"apns-id: $uuid" \
    "$(post "$phone" -H "$topic" --http2-prior-knowledge --no-alpn)"
  expect "$1: a device token that is none" \
    "HTTP/2 400 "$'\n'"apns-id: $uuid"$'\n\n''\{"reason":"BadDeviceToken"\}' "$(post not-a-token -H "$topic")"
  expect "$1: of the other environment" \
    "HTTP/2 400 "$'\n'"apns-id: $uuid"$'\n\n''\{"reason":"BadDeviceToken"\}' "$(post "$development" -H "$topic")"
  "$apnslab" device uninstall "leaver-$1" com.example.app --state "$dir/state" >/dev/null || fail 'device uninstall'
  # The phone says so to the first one that comes.
  expect "$1: uninstalled, and nobody knows yet" "HTTP/2 200 "$'\n'"apns-id: $uuid" "$(post "$gone" -H "$topic")"
  expect "$1: unregistered" \
    "HTTP/2 410 "$'\n'"apns-id: $uuid"$'\n\n''\{"reason":"Unregistered","timestamp":[0-9]{13}\}' \
    "$(post "$gone" -H "$topic")"
  expect "$1: no topic" "HTTP/2 400 "$'\n'"apns-id: $uuid"$'\n\n''\{"reason":"MissingTopic"\}' "$(post "$phone")"
}

start --seed 7
phone=$(fact device_token)
development=$(fact device_token_development)
topic='apns-topic: com.example.app'
for who in certificate token; do
  "$apnslab" device add "leaver-$who" --app com.example.app --app com.example.other --state "$dir/state" >/dev/null || fail 'device add'
done

identity=(--cert "$dir/state/cert.pem" --key "$dir/state/key.pem")
judge certificate
provider_token=$(node "$here/provider_token.js" "$(fact p8_file)" "$(fact key_id)" "$(fact team_id)")
identity=(-H "authorization: bearer $provider_token")
judge token
identity=(-H 'authorization: bearer e30.e30.e30')
expect 'a provider token that is none' \
  "HTTP/2 403 "$'\n'"apns-id: $uuid"$'\n\n''\{"reason":"InvalidProviderToken"\}' "$(post "$phone" -H "$topic")"
identity=()
expect 'nobody' "HTTP/2 403 "$'\n'"apns-id: $uuid"$'\n\n''\{"reason":"MissingProviderToken"\}' \
  "$(post "$phone" -H "$topic")"
port=$(fact http2_port_development)
identity=(-H "authorization: bearer $provider_token")
expect 'development' "HTTP/2 200 "$'\n'"apns-id: $uuid"$'\n'"apns-unique-id: ${uuid//A-F/a-f}" \
  "$(post "$development" -H "$topic")"
stop
expect_events 8 event=notification outcome=accepted protocol=http2 environment=production
expect_events 1 event=notification outcome=accepted protocol=http2 environment=development
expect_events 4 event=notification outcome=rejected reason=BadDeviceToken status=400
expect_events 2 event=notification outcome=rejected reason=Unregistered status=410
expect_events 2 event=notification outcome=rejected reason=MissingTopic
expect_events 1 event=notification outcome=rejected reason=InvalidProviderToken
expect_events 1 event=notification outcome=rejected reason=MissingProviderToken
expect_events 2 event=notification outcome=accepted "apns_id=$own_id"
expect_events 2 event=connection outcome=opened alpn=None
expect_events 0 event=violation
echo 'curl: 19 pushes, with a certificate and with a provider token, each answered as Apple does and in the ledger'
