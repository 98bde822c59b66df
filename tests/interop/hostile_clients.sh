#!/usr/bin/env bash
# Runs a script beside this one with the system's Python. $1: the program; $2: the script.
set -euo pipefail
if [[ ! -x /usr/bin/python3 ]]; then
  echo "skipped: python3 is not installed"
  exit 77
fi
exec /usr/bin/python3 -B "$(dirname "${BASH_SOURCE[0]}")/$2" "$1"
