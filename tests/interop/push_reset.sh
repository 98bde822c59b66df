#!/usr/bin/env bash
# Resets between tests that share an HTTP/2 connection of Node's. $1: the program.
set -euo pipefail
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
"$1" exec -- node "$(dirname "${BASH_SOURCE[0]}")/push_reset.js"
