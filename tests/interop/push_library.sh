#!/usr/bin/env bash
# Libraries push over HTTP/2. $1: the program; $2: self, or nobody: an ordinary user; then the libraries, files in libraries/
# without their .js. Skips if one of them cannot be run.
set -euo pipefail
apnslab=$1
who=$2
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/as_nobody.sh"
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
run=(env "TMPDIR=$dir" "HOME=$dir")
if [[ $who == nobody ]]; then become_nobody; fi
for library in "$@"; do
  "${run[@]}" node "$here/push_library.js" "$apnslab" "$library"
done
