#!/usr/bin/env bash
# Keys that the control API makes and revokes, a team's apps, one value of the profile: curl pushes with what node signs.
# $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
need curl node python3

# control METHOD PATH [BODY]: the answer's body.
control() {
  curl -sS --max-time 20 -X "$1" "$control_url/$2" ${3:+-d "$3"} || fail "curl ended with $?"
}

# sign KEY_ID TEAM_ID: a provider token by the key that is in $dir/KEY_ID.p8.
sign() {
  node "$here/provider_token.js" "$dir/$1.p8" "$1" "$2" || fail "node ended with $?"
}

# make_key JSON KEY_ID: its private half goes to $dir/KEY_ID.p8.
make_key() {
  control POST keys "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["p8"], end="")' >"$dir/$2.p8" ||
    fail "no key was made: $1"
}

# post PORT DEVICE_TOKEN PROVIDER_TOKEN [TOPIC]: status and body.
post() {
  curl -sS --http2 --max-time 20 --cacert "$dir/state/ca.pem" -w '%{http_code}' -H "authorization: bearer $3" \
    -H "apns-topic: ${4:-com.example.app}" -d '{"aps":{"alert":"Hello"}}' "https://localhost:$1/3/device/$2" ||
    fail "curl ended with $?"
}

# expect WHAT WANTED FOUND
expect() {
  [[ $2 == "$3" ]] || fail "$1: the answer is $3"
}

start --seed 7
control_url=$(fact control_url)
sandbox=$(fact http2_port_development)
phone=$(fact device_token)
tablet=$(fact device_token_development)

make_key '{"team_id":"TEAM000001","key_id":"SANDBOX001","environment":"development"}' SANDBOX001
token=$(sign SANDBOX001 TEAM000001)
expect 'a key of its environment' 200 "$(post "$sandbox" "$tablet" "$token")"
expect 'a key of the other environment' '{"reason":"BadEnvironmentKeyInToken"}403' "$(post "$port" "$phone" "$token")"

make_key '{"team_id":"TEAM000002","key_id":"OTHERTEAM1"}' OTHERTEAM1
token=$(sign OTHERTEAM1 TEAM000002)
expect 'a team of which nothing is known' 200 "$(post "$port" "$phone" "$token")"
control PUT teams/TEAM000001 '{"apps":["com.example.app"]}' >/dev/null
expect "another team's app" '{"reason":"TopicDisallowed"}400' "$(post "$port" "$phone" "$token")"
expect 'a token of another team than the key' '{"reason":"InvalidProviderToken"}403' \
  "$(post "$port" "$phone" "$(sign OTHERTEAM1 TEAM000001)")"

cp "$(fact p8_file)" "$dir/KEY0000001.p8"
token=$(sign KEY0000001 TEAM000001)
expect 'its own app' 200 "$(post "$port" "$phone" "$token")"
control PATCH profile '{"http2":{"provider_token":{"max_age":"0s","max_ahead":"0s"}}}' >/dev/null
expect 'an age that the profile allows no longer' '{"reason":"ExpiredProviderToken"}403' "$(post "$port" "$phone" "$token")"
control PUT profile '{"name":"2025"}' >/dev/null
expect 'an age that it allows again' 200 "$(post "$port" "$phone" "$token")"
control DELETE keys/KEY0000001
expect 'a revoked key' '{"reason":"InvalidProviderToken"}403' "$(post "$port" "$phone" "$token")"
control POST reset >/dev/null
expect 'and after a reset' 200 "$(post "$port" "$phone" "$token")"
stop
expect_events 1 event=notification reason=TopicDisallowed
echo 'curl, node: keys made, of one environment, of another team, revoked; apps of a team; a value of the profile'
