#!/usr/bin/env bash
# npm's apnagent@1.1.3, whose hosts and ports nobody can change, under `apnslab exec --as-apple`. $1: the program; $2: self,
# or nobody: an ordinary user.
set -euo pipefail
apnslab=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/as_nobody.sh"
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
if ! node -e 'require.resolve("apnagent/package.json")' 2>/dev/null; then
  echo "skipped: the npm package apnagent is not installed (./dev test installs it when the registry can be reached)"
  exit 77
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
run=(env "TMPDIR=$dir" "HOME=$dir")
if [[ $2 == nobody ]]; then become_nobody; fi
out=$("${run[@]}" "$apnslab" exec --as-apple --ledger "$dir/ledger.jsonl" -- node "$here/apnagent_app.js" 2>"$dir/err") ||
  { echo "FAIL: the app ended with $?: $out"; cat "$dir/err"; exit 1; }
cat "$dir/err"
wanted="bad 8 fa11b008$(printf '0%.0s' {1..56})
gone production fa11feed$(printf '0%.0s' {1..56})"
[[ $out == "$wanted" ]] || { echo "FAIL: the app said: $out"; cat "$dir/err"; exit 1; }
node "$here/apnagent_ledger.js" "$dir/ledger.jsonl"
