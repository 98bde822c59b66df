#!/usr/bin/env bash
# A fork of node-apn and what it sends again. $1: the program; $2: the library, a file in libraries/ without its .js.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
missing=$(node -p "require('$here/libraries/$2.js').missing() ?? ''")
if [[ -n $missing ]]; then
  echo "skipped: $missing"
  exit 77
fi
"$1" exec -- node "$here/push_retries.js" "$2"
