#!/usr/bin/env bash
# `apnslab device`, every verb, and `apnslab push` to phones by name, against `apnslab serve`. $1: the program.
set -euo pipefail
apnslab=$1
dir=$(mktemp -d)
unset APNSLAB_CONTROL_URL APNSLAB_SECRET APNSLAB_GATEWAY_PORT APNSLAB_DEVICE_TOKEN
serve=
watch=
cleanup() {
  [[ -n $watch ]] && kill -KILL "$watch" 2>/dev/null
  [[ -n $serve ]] && kill -KILL "$serve" 2>/dev/null
  rm -rf "$dir"
}
trap cleanup EXIT

fail() {
  echo "FAIL: $1" >&2
  tail -n 50 "$dir"/*.out "$dir"/*.err >&2 || true
  exit 1
}

# expect WHAT FOUND PATTERN: FOUND is, as a whole, like the extended regular expression.
expect() {
  [[ $2 =~ ^$3$ ]] || fail "$1: \"$2\" instead of \"$3\""
}

# start_serve OPTION...
start_serve() {
  rm -f "$dir/ready"
  "$apnslab" serve --port 0 --state "$dir/state" --ready-file "$dir/ready" --quiet "$@" >"$dir/serve.out" 2>"$dir/serve.err" &
  serve=$!
  until [[ -s $dir/ready ]]; do
    kill -0 "$serve" 2>/dev/null || fail 'serve ended'
  done
}

stop_serve() {
  kill -TERM "$serve"
  wait "$serve" || fail "serve ended with $?"
  serve=
}

# device CODE WORD...: what it says is in out and err.
out=
err=
device() {
  local wanted=$1 code=0
  shift
  out=$("$apnslab" device --state "$dir/state" "$@" 2>"$dir/device.err") || code=$?
  err=$(<"$dir/device.err")
  ((code == wanted)) || fail "device $*: ended with $code instead of $wanted"
}

# push CODE WORD...: likewise.
push() {
  local wanted=$1 code=0
  shift
  out=$("$apnslab" push --protocol binary --state "$dir/state" --settle-after 50ms "$@" 2>"$dir/push.err") || code=$?
  err=$(<"$dir/push.err")
  ((code == wanted)) || fail "push $*: ended with $code instead of $wanted"
}

# push_http2 WORD...: is accepted, by provider token.
push_http2() {
  "$apnslab" push --state "$dir/state" --auth provider-token "$@" >"$dir/push.out" 2>"$dir/push.err" || fail "push $*: ended with $?"
}

# shows NAME PATTERN: the screen is, or becomes, like this: silence settles a push, however busy the service is.
shows() {
  local end=$((SECONDS + 20))
  device 0 show "$1"
  until [[ $out =~ $2 ]]; do
    ((SECONDS < end)) || expect "the screen of $1" "$out" "$2"
    device 0 show "$1"
  done
}

# start_watch WORD...: in the background, until it says that it is there.
start_watch() {
  rm -f "$dir/said"
  mkfifo "$dir/said"
  "$apnslab" device watch --state "$dir/state" "$@" >"$dir/watch.out" 2>"$dir/said" &
  watch=$!
  exec 4<"$dir/said"
  read -r -t 20 said <&4 || fail 'watch says nothing'
}

# end_watch CODE: its lines are in out.
end_watch() {
  local code=0
  wait "$watch" || code=$?
  watch=
  exec 4<&-
  out=$(<"$dir/watch.out")
  ((code == $1)) || fail "watch ended with $code instead of $1"
}

token_='[0-9a-f]{4}…[0-9a-f]{4}'
time_='[0-9:]{8}\.[0-9]{3}'

# Nobody is there.
device 2
expect 'no service' "$err" 'apnslab device: no service is running that I know of: .*ready\.json is not there\. Start `apnslab serve`, or name one with --control URL\.'

start_serve
# The phones that are there from the start.
device 0
expect 'list' "$out" "phone +online  com\.example\.app  not-running  a1a1…a1a1  production
phone-development  online  com\.example\.app  not-running  d1d1…d1d1  development"
device 0 list --json
expect 'list --json' "$out" '\{"name":"phone",.*\}
\{"name":"phone-development",.*\}'

# One more, and what is done with it.
device 0 add tablet
expect 'add' "$out" "tablet  online  com\.example\.app  not-running  $token_  production"
device 1 add tablet
expect 'a name twice' "$err" 'apnslab device: There is a phone called "tablet" already\. .*'
device 0 add 'a b/c' --app one --app two --development --json
expect 'add with apps' "$out" '\{"name":"a b/c",.*"bundle_id":"one",.*"aps_environment":"development".*"bundle_id":"two".*\}'
device 0 remove 'a b/c'
expect 'remove' "$out" 'a b/c removed'
device 0 register tablet
expect 'register prints the token alone' "$out" '[0-9a-f]{64}'
first=$out
device 0 register tablet com.example.app
[[ $out != "$first" ]] || fail 'the app got the same device token again'
device 0 install tablet com.example.chat
expect 'install' "$out" "com\.example\.chat  not-running  $token_  production"
device 2 register tablet
expect 'which app' "$err" 'apnslab device: tablet has several apps\. Name one behind the phone: com\.example\.app, com\.example\.chat\.'
device 0 launch tablet com.example.chat
expect 'launch' "$out" "com\.example\.chat  foreground  $token_  production"
device 0 set tablet com.example.chat state=background alerts=off sounds=false low_power=on
expect 'set of both' "$out" "tablet  online, low power  com\.example\.app   not-running  $token_  production
 +com\.example\.chat  background   $token_  production  off: alerts, sounds"
device 0 uninstall tablet com.example.chat
expect 'uninstall' "$out" 'uninstalled'
device 0 set tablet state=force-quit
expect 'set of the only app' "$out" "tablet  online, low power  com\.example\.app  force-quit  $token_  production"

# Other push families.
device 0 register tablet --family voip
expect 'register of a family prints the token alone' "$out" '[0-9a-f]{64}'
device 0 register tablet --activity order-17
expect 'a Live Activity starts' "$out" '[0-9a-f]{160}'
device 0 register tablet com.example.app --channel kitchen
expect 'a channel is joined' "$out" '[0-9a-f]{64}'
device 0 set tablet low_power=off
expect 'the families of an app' "$out" "tablet  online  com\.example\.app +force-quit  $token_  production
 +voip +$token_
 +liveactivity order-17 +$token_
 +pushtotalk kitchen +$token_"
shows tablet '│ │ Live Activity order-17 +│ │'
device 0 show tablet --json
begin=$(grep -oP '"activity":"order-17","device_token":"\K[0-9a-f]{10}' <<<"$out")
push_http2 "$begin" --push-type liveactivity --topic com.example.app.push-type.liveactivity --payload <(printf '{"aps":{"event":"update","timestamp":1,"content-state":{"eta":5}}}')
shows tablet '│ │ \{"eta":5\} +│ │'
push_http2 tablet --push-type voip --topic com.example.app.voip --payload <(printf '{"caller":"Eva"}')
device 0 unregister tablet --activity order-17
device 0 unregister tablet --channel kitchen
device 0 unregister tablet --family voip
expect 'unregister' "$out" "com\.example\.app  force-quit  $token_  production"
device 1 unregister tablet --family voip
expect 'what is not registered' "$err" 'apnslab device: com\.example\.app on tablet is not registered for voip\.'
device 1 register tablet --family voi
expect 'no such family' "$err" 'apnslab device: "voi" is not a family; did you mean "voip"\? .*'
device 2 launch tablet --family voip
device 0 set tablet low_power=on

# A push by name, and the screen.
push 0 tablet 'Hello tablet'
push 0 phone --payload <(printf '{"aps":{"alert":{"title":"News","body":"You have mail"},"badge":3}}')
shows tablet '╭─+╮.*│ tablet +online, low power │.*│ ╭ com\.example\.app ─+╮ │.*│ │ Hello tablet +│ │.*╰─+╯.*force-quit'
shows phone '│ │ News +│ │.*│ │ You have mail +│ │.*│ \(3\) com\.example\.app +│'
device 0 show phone --json
expect 'show --json' "$out" '\{"name":"phone",.*"screen":\{"apps":\[\{"bundle_id":"com\.example\.app",.*"badge":3.*\}'

# The device token that a name stands for is the phone's newest.
device 0 register phone
newest="${out:0:4}…${out:60:4}"
push 0 phone
expect 'a push to the newest token' "$out" "sent +$newest  #1"
push 0
push 0 'only a text'
shows phone 'only a text'
device 0 list --json
begin=$(grep '"name":"tablet"' <<<"$out" | grep -oP '"device_token":"\K[0-9a-f]{7}')
push 0 "$begin" 'by its beginning'
shows tablet 'by its beginning'
push 2 tablt Hello
expect 'no such phone' "$err" 'apnslab push: "tablt" is no device token \(2 to 200 hex digits\) and no phone; did you mean "tablet"\? Phones: phone, phone-development, tablet\.'
push 2 tablet Hello --environment development
expect 'the other environment' "$err" 'apnslab push: tablet has no device token of the development environment\. .*'
push 0 phone-development Hello --environment development
push 0 phone 'to its twin' --environment development
shows phone-development 'to its twin'

# What is delivered, as it happens.
device 0 set phone alerts=off
start_watch phone --count 2
expect 'watch says that it is there' "$said" 'watching phone, Ctrl-C stops'
push 0 tablet 'not for this one'
push 0 phone 'not seen'
until [[ -s $dir/watch.out ]]; do kill -0 "$watch" 2>/dev/null || fail 'watch ended'; done
device 0 set phone alerts=on
push 0 phone 'seen'
end_watch 0
expect 'watch' "$out" "$time_  discarded delivery   com\.example\.app  [0-9a-f]{4}…[0-9a-f]{4}  phone: no alert: alerts are off for com\.example\.app
$time_  delivered delivery   com\.example\.app  [0-9a-f]{4}…[0-9a-f]{4}  phone: lock screen \"seen\""
start_watch --count 1 --json
expect 'watch of all' "$said" 'watching every phone, Ctrl-C stops'
push 0 tablet Hello
end_watch 0
expect 'watch --json' "$out" '\{"seq":.*"event":"delivery","outcome":"delivered",.*"device":"tablet",.*\}'
start_watch
push 0 tablet 'before Ctrl-C'
until [[ -s $dir/watch.out ]]; do kill -0 "$watch" 2>/dev/null || fail 'watch ended'; done
kill -INT "$watch"
end_watch 0
expect 'watch until Ctrl-C' "$out" '.*tablet: lock screen "before Ctrl-C"'
start_watch phone --count 5
kill -TERM "$watch"
end_watch 1

# Mistakes, and what the service refuses.
device 1 show tablett
expect 'no such phone' "$err" 'apnslab device: There is no phone called "tablett"; did you mean "tablet"\?'
device 1 watch nobody
device 1 remove nobody
device 1 launch tablet com.example.none
expect 'no such app' "$err" 'apnslab device: There is no app on tablet called "com\.example\.none".*'
device 1 set phone alerst=off
expect 'no such key' "$err" 'apnslab device: "alerst" is not a key of .*; did you mean "alerts"\? .*'
device 1 set phone onlin=off alerts=off
expect 'no such key of a phone' "$err" 'apnslab device: "onlin" is not a key of .*; did you mean "online"\? .*'
device 1 set phone state=forcequit
expect 'no such state' "$err" 'apnslab device: "forcequit" .*; did you mean "force-quit"\?.*'
device 0 show phone --json
expect 'a refused change changes nothing' "$out" '.*"alerts":true.*'
device 2 lst
expect 'no such verb' "$err" 'apnslab device: "lst" is no verb of device; did you mean list\?'
device 2 show
expect 'a word too few' "$err" 'apnslab device: show takes NAME\.'
device 2 remove a b
expect 'a word too many' "$err" 'apnslab device: remove takes NAME\. It was given a, b\.'
device 2 list --count 3
expect 'an option of another verb' "$err" 'apnslab device: --count goes with watch only\.'
device 2 set phone
device 2 --control https://localhost
expect 'no URL of ours' "$err" 'apnslab device: --control must be a URL like .*'

# The service ends.
start_watch phone
stop_serve
end_watch 1
device 2
expect 'a service that has gone' "$err" 'apnslab device: no service .*'

# A service with a secret.
start_serve --secret sesame
device 2
expect 'no secret' "$err" 'apnslab device: This service wants its secret\. .* Here: --secret, or APNSLAB_SECRET\.'
device 0 --secret sesame
APNSLAB_SECRET=sesame device 0 list
url=$(grep -oP '"control_url": "\K[^"]+' "$dir/ready")
device 0 --control "$url" --secret sesame
APNSLAB_SECRET=sesame push 0 phone-development Hello --environment development
stop_serve
echo "every verb, pushes by name, and what is said when it cannot be"
