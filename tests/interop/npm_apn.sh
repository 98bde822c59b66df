#!/usr/bin/env bash
# npm's apn@1.7.8 against `apnslab serve`. $1: the program; $2: what apn is to do, a file beside this one.
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
exec node "$here/$2" "$1"
