#!/usr/bin/env bash
# What the shells complete. $1: the program. Bash is asked as readline does; zsh and fish only check
# the syntax of theirs, where they are installed: completion_test.cpp has their text.
set -euo pipefail
apnslab=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail() {
  echo "FAIL: $1" >&2
  exit 1
}

eval "$("$apnslab" completion bash)"
mkdir certs
touch hello.apns 'with blanks.json'

# completes WORD... = EXPECTED...: at the end of the last WORD ("": a new one).
completes() {
  local -a given=() expected
  while [[ $1 != '=>' ]]; do
    given+=("$1")
    shift
  done
  shift
  expected=("$@")
  COMP_WORDS=("$apnslab" "${given[@]}")
  COMP_CWORD=${#given[@]}
  _apnslab || true
  [[ "${COMPREPLY[*]}" == "${expected[*]}" ]] || fail "apnslab ${given[*]} completes ${COMPREPLY[*]:-nothing}, not ${expected[*]}"
}

completes pu '=>' push
completes ch '=>' check
completes --v '=>' --version
completes preview --se '=>' --settings
completes preview --push-type vo '=>' voip
completes preview --push-type = vo '=>' voip
completes preview --state = '=>' foreground background not-running force-quit
completes preview he '=>' hello.apns
completes preview --json wi '=>' 'with blanks.json'
completes preview --topic com.example '=>'
completes push ph '=>' phone
completes device reg '=>' register
completes push phone ph '=>'
completes push --payload he '=>' hello.apns
completes push --cert cert.pem --payload = he '=>' hello.apns
completes push --state ce '=>' certs
completes push --state he '=>'
completes push --json --environment dev '=>' development
completes push --environment development ph '=>' phone
completes check binary/error_packet_byte '=>' binary/error_packet_byte_by_byte
completes check binary/one_notification binary/payload_s '=>' binary/payload_sizes
completes check --deviation nowhere '=>'
completes rules binary/rejected-is-n '=>' binary/rejected-is-never-resent
completes exec --tr '=>' --trust
completes exec --fail-on mu '=>' must
completes exec /bin/ech '=>' /bin/echo
completes exec --quiet -- /bin/ech '=>' /bin/echo
completes exec -- cat he '=>' hello.apns
completes exec cat --qui '=>'
completes completion z '=>' zsh
completes nosuch x '=>'

for shell in zsh fish; do
  "$apnslab" completion $shell >"completion.$shell"
  if command -v $shell >/dev/null; then
    $shell -n "completion.$shell" || fail "$shell does not read its script"
  fi
done
code=0
"$apnslab" completion tcsh 2>err || code=$?
[[ $code == 2 ]] && grep -q 'must be one of bash, zsh, fish' err || fail 'tcsh is no shell of ours'
