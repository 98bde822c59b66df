#!/usr/bin/env bash
# nghttp and h2load, which libnghttp2 drives, and `apnslab serve --null`. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/null_service.sh"
need nghttp h2load
printf '{"aps":{"alert":"%s"}}' "$(printf 'x%.0s' {1..130})" >"$dir/body"
for i in {1..64}; do printf '/3/device/%064x\n' "$i"; done >"$dir/paths"

# load URL REQUESTS OPTION...: every answer is a 200.
load() {
  local url=$1 requests=$2
  shift 2
  sed "s|^|$url|" "$dir/paths" >"$dir/uris"
  h2load -n "$requests" -i "$dir/uris" -H 'apns-topic: com.example.app' -H 'apns-push-type: alert' "$@" >"$dir/h2load.out" \
    2>"$dir/h2load.err" || fail "h2load $* ended with $?"
  grep -q "^requests: $requests total, $requests started, $requests done, $requests succeeded, 0 failed, 0 errored, 0 timeout" \
    "$dir/h2load.out" && grep -q "^status codes: $requests 2xx, 0 3xx, 0 4xx, 0 5xx" "$dir/h2load.out" ||
    fail "h2load $*: $(<"$dir/h2load.out")"
}

start_null
nghttp -v -d "$dir/body" -H 'apns-topic: com.example.app' "https://localhost:$port/3/device/00" >"$dir/nghttp.out" \
  2>"$dir/nghttp.err" || fail "nghttp ended with $?"
for line in 'The negotiated protocol: h2' 'recv (stream_id=[0-9]*) :status: 200' 'recv (stream_id=[0-9]*) apns-id: ' \
  'SETTINGS_MAX_CONCURRENT_STREAMS(0x03):1000' '; END_STREAM | END_HEADERS'; do
  grep -q "$line" "$dir/nghttp.out" || fail "nghttp saw no \"$line\""
done
# A request in many frames: padding, and a header list that needs CONTINUATION.
nghttp -d "$dir/body" -b 200 -H "x-long: $(printf 'l%.0s' {1..30000})" "https://localhost:$port/3/device/00" \
  >"$dir/nghttp.out" 2>"$dir/nghttp.err" || fail "nghttp with padding ended with $?"
requests=2
for m in 1 100 1000; do
  load "https://localhost:$port" 5000 -c1 -m"$m"
  load "https://localhost:$port" 20000 -c1 -m"$m" -d "$dir/body"
  requests=$((requests + 25000))
done
load "https://localhost:$port" 20000 -c100 -m10 -d "$dir/body"
# Header tables of other sizes than the usual one: answers begin with what that asks for.
load "https://localhost:$port" 1000 -c1 -m10 -d "$dir/body" --header-table-size 0 --encoder-header-table-size 0
load "https://localhost:$port" 1000 -c1 -m10 -d "$dir/body" --header-table-size 100 --encoder-header-table-size 1M
requests=$((requests + 22000))
stop_null "$requests"

start_null --cleartext --threads 2
load "http://localhost:$port" 20000 -c1 -m100 -d "$dir/body"
load "http://localhost:$port" 20000 -c20 -m1000 -d "$dir/body"
stop_null 40000
echo "nghttp and h2load: $((requests + 40000)) requests, each answered with 200"
