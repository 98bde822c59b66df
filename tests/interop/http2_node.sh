#!/usr/bin/env bash
# Runs http2_node.js with TLS and without. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/null_service.sh"
need node
script=$(dirname "${BASH_SOURCE[0]}")/http2_node.js

start_null
node "$script" "https://localhost:$port" "$dir/state/ca.pem" h2 >"$dir/node.out" 2>&1 || fail "node ended with $?"
stop_null 500
start_null --cleartext
node "$script" "http://localhost:$port" '' h2c >"$dir/node.out" 2>&1 || fail "node without TLS ended with $?"
stop_null 500
echo 'Node: 500 pushes over TLS and 500 without, each answered with 200'
