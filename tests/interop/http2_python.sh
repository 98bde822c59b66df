#!/usr/bin/env bash
# Runs http2_python.py, for which the package python3-h2 is needed, with TLS and without. $1: the program.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/null_service.sh"
script=$(dirname "${BASH_SOURCE[0]}")/http2_python.py
# The system's own: a python3 that is first in PATH has other packages.
if ! /usr/bin/python3 -c 'import h2' 2>/dev/null; then
  echo 'skipped: python3-h2 is not installed'
  exit 77
fi

start_null
/usr/bin/python3 -B "$script" "$port" "$dir/state/ca.pem" >"$dir/python.out" 2>&1 || fail "h2 ended with $?"
stop_null 900
start_null --cleartext
/usr/bin/python3 -B "$script" "$port" - >"$dir/python.out" 2>&1 || fail "h2 without TLS ended with $?"
stop_null 300
echo "Python's h2: 900 pushes over TLS, with ALPN and without, and 300 without TLS, each answered with 200"
