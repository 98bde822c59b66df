#!/usr/bin/env bash
# run_example.sh APNSLAB FOLDER [EXEC OPTION]... -- COMMAND...: runs an example's tests by `apnslab exec` and says how long
# they took. With options of exec they are expected to fail.
set -uo pipefail
apnslab=$1 folder=$2
shift 2
options=()
while [[ $1 != -- ]]; do
  options+=("$1")
  shift
done
shift
if [[ $1 == node ]] && ! node -e 'require("@parse/node-apn")' 2>/dev/null; then
  echo "skipped: node, or the npm package @parse/node-apn, is not installed (./dev test installs it when the registry can be reached)"
  exit 77
fi
PATH=$(dirname "$apnslab"):$PATH
cd "$folder" || exit 1
started=$(date +%s%N)
"$apnslab" exec "${options[@]}" -- timeout 30 "$@"
status=$?
echo "$(basename "$folder"): exit $status after $((($(date +%s%N) - started) / 1000000)) ms"
if ((${#options[@]} == 0)); then
  exit "$status"
fi
((status == 1)) && echo "the tests failed, as they should"
