#!/bin/sh
# The program that is tested: tells a customer that orders are on their way.
#   notify.sh DEVICE_TOKEN ORDER...
# Prints what became of each; exit 1 if a device token is no good any more.
device=$1
shift
for order in "$@"; do
  printf '{"device_token":"%s","payload":{"aps":{"alert":"Order %s is on its way","badge":1},"order":%s}}\n' \
    "$device" "$order" "$order"
done | apnslab push --protocol binary --input - --settle-after 100ms
