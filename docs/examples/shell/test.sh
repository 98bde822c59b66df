#!/bin/bash
# apnslab exec -- ./test.sh
set -euo pipefail
cd "$(dirname "$0")"
phone=$APNSLAB_DEVICE_TOKEN

# ask METHOD PATH [BODY]: prints the answer; a refusal, too, and fails.
ask() {
  curl --silent --show-error --fail-with-body --request "$1" "$APNSLAB_CONTROL_URL$2" ${3:+--data "$3"} \
    ${APNSLAB_SECRET:+--header "Authorization: Bearer $APNSLAB_SECRET"}
}
reset() { ask POST /reset >/dev/null; }
# expect MATCH [MORE]: what came nearest is printed when it does not come.
expect() { ask POST /expect "{\"match\":$1${2:+,$2}}"; }
arm() { ask POST /faults "$1" >/dev/null; }
# fails COMMAND...: it has to.
fails() {
  if "$@"; then
    echo "went well, and should not have: $*"
    return 1
  fi
}

the_phone_shows_that_the_order_is_on_its_way() {
  ./notify.sh "$phone" 4711
  expect '{"event":"notification","outcome":"accepted","payload":{"order":4711}}'
  expect '{"event":"delivery","outcome":"delivered","device":"phone",
           "shown":{"place":"lock-screen","body":"Order 4711 is on its way","badge":1}}'
}

a_device_token_that_is_no_good_is_reported() {
  arm '{"when":{"nth":1},"then":{"reject":8},"times":1}'
  fails ./notify.sh "$phone" 4712
}

what_was_sent_behind_a_bad_one_is_sent_again() {
  arm '{"when":{"nth":2},"then":{"reject":8},"times":1}'
  fails ./notify.sh "$phone" 1 2 3 4
  expect '{"event":"notification","outcome":"accepted"}' '"count":3'
  expect '{"event":"notification","outcome":"accepted","payload":{"order":2}}' '"count":0,"within":"50ms"'
}

a_phone_that_is_offline_gets_the_newest_when_it_comes_back() {
  ask PATCH /devices/phone '{"online":false}'
  ./notify.sh "$phone" 1 2
  expect '{"event":"delivery","outcome":"replaced"}'
  ask PATCH /devices/phone '{"online":true}'
  expect '{"event":"delivery","outcome":"delivered","shown":{"body":"Order 2 is on its way"}}'
}

failed=0
for name in the_phone_shows_that_the_order_is_on_its_way \
  a_device_token_that_is_no_good_is_reported \
  what_was_sent_behind_a_bad_one_is_sent_again \
  a_phone_that_is_offline_gets_the_newest_when_it_comes_back; do
  reset
  # A process of its own, so that `set -e` holds inside.
  if log=$(export -f ask expect arm fails "$name"; phone=$phone bash -euo pipefail -c "$name" 2>&1); then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    echo "$log"
    failed=1
  fi
done
exit $failed
