#!/usr/bin/env bash
# `apnslab preview`: files and standard input, what is printed, exit codes. $1: the program.
set -euo pipefail
apnslab=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail() {
  echo "FAIL: $1" >&2
  tail -n 50 out err >&2
  exit 1
}

# preview CODE OPTION...: runs it; what it says is in out and err.
preview() {
  local code=0
  "$apnslab" preview "${@:2}" >out 2>err || code=$?
  [[ $code == "$1" ]] || fail "preview ${*:2} ended with $code"
}

# says FILE TEXT
says() {
  grep -qF -- "$2" "$1" || fail "$1 does not say: $2"
}

printf '{\n  "Simulator Target Bundle": "org.example.other",\n  "aps": {"alert": "Hello", "badge": "1"}\n}\n' >hello.apns
printf '{"aps": {"alert": "Hello",}}' >broken.json

preview 0 hello.apns
says out 'alert push, priority 10, for org.example.other (from the file), in the background'
says out '  | Hello'
says out 'hello.apns:3:38: payload/badge-is-a-number (should): badge is the text "1".'
[[ ! -s err ]] || fail 'something on standard error'

preview 0 - --json <hello.apns
says out '"file":"standard input","line":3,"column":38'

preview 1 broken.json
says out 'broken.json:1:27: payload/is-json (should): not JSON: "}" stands where a key in double quotes must stand.'

preview 1 hello.apns --push-type background
says out 'hello.apns:3:20: push-type/background-is-alone (must): push type background with alert.'

preview 1 hello.apns --settings alerts=off,sounds=off
says out 'why   no alert: alerts are off for org.example.other'
preview 0 hello.apns --state foreground
preview 0 hello.apns --offline
says out 'it is stored'
preview 1 hello.apns --offline --expiration 0
preview 0 hello.apns --protocol binary --low-power
says out 'push over the binary interface, for org.example.other'
preview 0 hello.apns --push-type voip --topic org.example.other.voip
says out 'PushKit wakes org.example.other, which must report a call at once'

preview 2
says err 'apnslab preview: FILE is missing.'
preview 2 nothing.json
says err 'apnslab preview: nothing.json is not there.'
preview 2 hello.apns --settings alrets=off
says err '--settings: "alrets" is no setting; did you mean alerts?'
preview 2 hello.apns --settings alerts=maybe
says err '--settings alerts must be on or off, as in alerts=off.'
preview 2 hello.apns --push-type alarm
says err '--push-type must be one of automatic, alert, background,'
preview 2 hello.apns --push-type alert --protocol binary
says err '--push-type is for HTTP/2 only'
