#!/usr/bin/env bash
# h2load pushes over HTTP/2 with a provider token, with 100 and with 1,000 streams at a time, with the ledger and without:
# each is accepted, and the service has counted as many. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
need h2load node curl python3
readonly num_requests=20000 num_tokens=1000
printf '{"aps":{"alert":"%s"}}' "$(printf 'x%.0s' {1..130})" >"$dir/body"

# counted OUTCOME: what the service's metrics say of production.
counted() {
  curl -sS "$(fact control_url | sed 's|/v1$||')/metrics" |
    sed -n "s/^apnslab_notifications_total{protocol=\"http2\",environment=\"production\",outcome=\"$1\".*} //p" |
    awk '{ sum += $1 } END { print sum + 0 }'
}

# expect_summary ACCEPTED REJECTED: what the service prints at its end.
expect_summary() {
  [[ $(tail -n 1 "$dir/serve.out") == *"\"accepted\":$1,\"rejected\":$2,\"discarded\":0,\"not_json\":0,"* ]] ||
    fail "the summary is $(tail -n 1 "$dir/serve.out")"
}

# load CLIENTS STREAMS [OPTION...]: so many connections, with so many streams at a time each.
load() {
  local clients=$1 streams=$2
  shift 2
  h2load -n "$num_requests" -c "$clients" -m "$streams" -d "$dir/body" -i "$dir/uris" -H 'apns-topic: com.example.app' \
    -H 'apns-push-type: alert' -H "authorization: bearer $provider_token" "$@" >"$dir/h2load.out" 2>"$dir/h2load.err" ||
    fail "h2load -m $streams ended with $?"
  grep -q "^requests: $num_requests total, $num_requests started, $num_requests done, $num_requests succeeded, 0 failed, 0 errored, 0 timeout" \
    "$dir/h2load.out" && grep -q "^status codes: $num_requests 2xx, 0 3xx, 0 4xx, 0 5xx" "$dir/h2load.out" ||
    fail "h2load -m $streams: $(<"$dir/h2load.out")"
}

# load_all: returns when the service has answered 60,000.
load_all() {
  for i in $(seq $num_tokens); do printf 'https://localhost:%s/3/device/%064x\n' "$port" "$i"; done >"$dir/uris"
  provider_token=$(node "$here/provider_token.js" "$(fact p8_file)" "$(fact key_id)" "$(fact team_id)")
  load 1 100
  load 1 1000
  load 10 100
  [[ $(counted accepted) == 60000 ]] || fail "the service has counted $(counted accepted), 60000 expected"
  for outcome in rejected discarded; do
    [[ $(counted $outcome) == 0 ]] || fail "the service has counted $(counted $outcome) $outcome"
  done
}

start
load_all
stop
expect_summary 60000 0
expect_events 60000 event=notification outcome=accepted protocol=http2 environment=production status=200 payload_bytes=150
expect_events 60 event=notification "device_token=$(printf '%064x' $num_tokens)"
expect_events 12 event=connection outcome=opened alpn=h2
expect_events 0 event=violation

start --sink
load_all
# One bad device token among them is one rejection, with the sink too.
printf 'https://localhost:%s/3/device/%s\n' "$port" "$(fact device_token_development)" >"$dir/uris"
h2load -n 1 -d "$dir/body" -i "$dir/uris" -H 'apns-topic: com.example.app' -H "authorization: bearer $provider_token" \
  >"$dir/h2load.out" 2>"$dir/h2load.err" || fail "h2load ended with $?"
grep -q '^status codes: 0 2xx, 0 3xx, 1 4xx, 0 5xx' "$dir/h2load.out" || fail "h2load: $(<"$dir/h2load.out")"
[[ $(counted rejected) == 1 ]] || fail "the service has counted $(counted rejected) rejected, 1 expected"
stop
expect_summary 60000 1
echo 'h2load: 60,000 pushes with the ledger and 60,000 with --sink, each accepted and counted'
