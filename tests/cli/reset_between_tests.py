"""Two tests on one open provider connection, with a reset between them. Run by apnslab exec.

The first leaves a mess: fault rules, reading stopped in the middle of what was sent, the clock
frozen in the future, the phone offline and without its app. The second starts clean.
"""

import json
import os
import socket
import ssl
import struct
import urllib.error
import urllib.request

URL = os.environ["APNSLAB_CONTROL_URL"]
TOKEN = bytes.fromhex(os.environ["APNSLAB_DEVICE_TOKEN"])


def ask(method, path, body=None):
    request = urllib.request.Request(
        URL + path, method=method, data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None
    return json.loads(text) if text else None


def expect(match, **more):
    return ask("POST", "/expect", {"match": match, "within": "5s", **more})["items"]


def item(number, data):
    return struct.pack(">BH", number, len(data)) + data


def notification(identifier, alert):
    payload = json.dumps({"aps": {"alert": alert}}).encode()
    frame = (item(1, TOKEN) + item(2, payload) + item(3, struct.pack(">I", identifier)))
    return struct.pack(">BI", 2, len(frame)) + frame


def connect():
    context = ssl.create_default_context(cafile=os.environ["APNSLAB_CA_FILE"])
    context.load_cert_chain(os.environ["APNSLAB_CERT_FILE"], os.environ["APNSLAB_KEY_FILE"])
    raw = socket.create_connection(("localhost", int(os.environ["APNSLAB_GATEWAY_PORT"])))
    return context.wrap_socket(raw, server_hostname="localhost")


def first_test(provider):
    ask("POST", "/faults", [{"name": "wedge", "when": {"nth": 2}, "then": {"stop_reading": True}},
                            {"name": "often", "when": {"nth": "every 5"}, "then": {"reject": 8}}])
    ask("PUT", "/clock", {"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    ask("PATCH", "/devices/phone", {"online": False})
    for number in range(1, 200):
        provider.sendall(notification(number, f"first {number}"))
    accepted = expect({"event": "notification", "outcome": "accepted"}, count=2)
    assert accepted[0]["at"] == "2031-01-01T00:00:00.000000Z", accepted[0]
    ask("DELETE", "/devices/phone/apps/com.example.app")
    [connection] = ask("GET", "/connections")["items"]
    assert connection["state"] == "stopped-reading", connection


def second_test(provider):
    assert ask("GET", "/faults")["items"] == []
    assert ask("GET", "/clock")["mode"] == "running"
    assert ask("GET", "/devices/phone")["online"]
    assert ask("GET", "/ledger")["items"] == []
    for number in range(1, 11):
        provider.sendall(notification(number, f"second {number}"))
    events = expect({"event": "notification"}, count=10)
    assert [event["nth"] for event in events] == list(range(1, 11)), events
    assert all(event["outcome"] == "accepted" for event in events), events
    assert not events[0]["at"].startswith("2031"), events[0]
    delivered = expect({"event": "delivery", "outcome": "delivered"}, count=10)
    assert delivered[9]["shown"]["body"] == "second 10", delivered[9]
    assert expect({"event": "connection"}, count=0, within="50ms") == []


def main():
    provider = connect()
    first_test(provider)
    opened = ask("GET", "/connections")["items"][0]["connection"]
    print("reset:", ask("POST", "/reset"))
    second_test(provider)
    [connection] = ask("GET", "/connections")["items"]
    assert connection["connection"] == opened and connection["accepted"] == 10, connection
    print("the same connection:", connection)


main()
