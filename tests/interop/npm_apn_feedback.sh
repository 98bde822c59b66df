#!/usr/bin/env bash
# npm's apn@1.7.8 polls the feedback services of `apnslab serve`; see npm_apn_feedback.js. $1: the program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
if ! node -e 'require("apn")' 2>/dev/null; then
  echo "skipped: the npm package apn is not installed (./dev test installs it when the registry can be reached)"
  exit 77
fi
exec node "$here/npm_apn_feedback.js" "$1"
