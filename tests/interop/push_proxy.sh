#!/usr/bin/env bash
# `apnslab push --proxy` through an HTTP proxy that others have written: the proxy is asked for the service by its name, with
# user and password; who is not known to it is told so. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/service.sh"
need node python3

start
node "$here/proxy.js" 'me:p@ss' "$port" >"$dir/proxy.out" 2>"$dir/proxy.err" &
proxy=$!
trap 'kill -KILL "$proxy" 2>/dev/null; cleanup' EXIT
until [[ -s $dir/proxy.out ]]; do
  kill -0 "$proxy" 2>/dev/null || fail 'the proxy ended'
done
at=127.0.0.1:$(head -n 1 "$dir/proxy.out")

"$apnslab" push --state "$dir/state" --proxy "http://me:p%40ss@$at" phone Hello >"$dir/push.out" 2>&1 || fail "push ended with $?"
grep -q "^localhost:$port localhost:$port$" "$dir/proxy.out" || fail "the proxy was asked for something else: $(<"$dir/proxy.out")"

status=0
"$apnslab" push --state "$dir/state" --proxy "http://me:wrong@$at" phone Hello >"$dir/push.out" 2>&1 || status=$?
[[ $status == 1 ]] || fail "with a wrong password push ended with $status"
grep -qF "the proxy $at answered CONNECT with \"HTTP/1.1 407 Proxy Authentication Required\": it wants a user and a password that it knows" \
  "$dir/push.out" || fail "push says $(<"$dir/push.out")"
[[ $(grep -c refused "$dir/proxy.out") == 1 ]] || fail "it asked more than once: $(<"$dir/proxy.out")"
stop
expect_events 1 event=notification outcome=accepted protocol=http2
echo 'through a proxy: one push, and one that the proxy refused'
