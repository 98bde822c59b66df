#!/usr/bin/env bash
# The landing screen is the golden one, and every command on it has a help that fits a terminal.
# $1: the program; $2: the golden file, without the version.
set -euo pipefail
apnslab=$1
fail() {
  echo "FAIL: $1" >&2
  exit 1
}

"$apnslab" | sed '1s/^apnslab [0-9.]*:/apnslab VERSION:/' | diff -u "$2" - || fail 'the landing screen is another one'

commands=$("$apnslab" | grep -oP "  apnslab \K[a-z]+(?= )")
[[ $(wc -w <<<"$commands") -ge 10 ]] || fail "these are all commands: $commands"
for command in $commands; do
  help=$("$apnslab" "$command" --help) || fail "$command --help ends with $?"
  grep -q "^Usage: apnslab $command" <<<"$help" || fail "$command: no usage"
  grep -q '^Example: .*apnslab ' <<<"$help" || fail "$command: no example"
  long=$(awk 'length > 100 && !/^Example: /' <<<"$help")
  [[ -z $long ]] || fail "$command: longer than 100: $long"
done
