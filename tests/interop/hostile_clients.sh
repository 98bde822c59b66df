#!/usr/bin/env bash
# Runs hostile_clients.py with the system's Python. $1: the program.
set -euo pipefail
if [[ ! -x /usr/bin/python3 ]]; then
  echo "skipped: python3 is not installed"
  exit 77
fi
exec /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/hostile_clients.py" "$@"
