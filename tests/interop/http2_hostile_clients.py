#!/usr/bin/env python3
"""Clients of the provider API that say garbage, half of it, too much, or what costs the service more than them; a good
provider is served meanwhile.

usage: http2_hostile_clients.py APNSLAB [IDLE]   IDLE: connections that say nothing (default 200)

Checks how each is sent away, that the good provider's notifications are all accepted, that memory stays bounded, that no
client is worth more than one line in the log, and that the service still stops when told.
"""
import collections
import re
import socket
import ssl
import struct
import sys

from hostile_service import Service, allow_descriptors

NUM_GOOD = 2000
NUM_FLOOD = 500
MEMORY_LIMIT_KB = 60_000  # besides 60 KB for each idle connection

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, REFUSED_STREAM = 1, 3, 6, 7
COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 9, 11


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def number(value, prefix_bits, first=0):
    """An integer of RFC 7541 section 5.1."""
    limit = (1 << prefix_bits) - 1
    if value < limit:
        return bytes([first | value])
    out = [first | limit]
    value -= limit
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def field(name, value, first=0):
    """A literal of new name; `first` 0x40: it enters the table."""
    return bytes([first]) + number(len(name), 7) + name + number(len(value), 7) + value


def request(*fields):
    """A header block: POST, https, a device token that is none, so that whatever gets through is rejected."""
    return b"\x83\x87" + field(b":path", b"/3/device/none") + field(b"apns-topic", b"com.example.app") + b"".join(fields)


def open_stream(stream, *fields):
    return frame(HEADERS, END_HEADERS, stream, request(*fields))


START = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0) + frame(SETTINGS, 1, 0)
LETTER = field(b"x", b"y" * 4000, 0x40)

# What a client says behind the handshake, and how it is sent away: by GOAWAY, or its stream 1 alone by RST_STREAM.
BY_GOAWAY = {
    "garbage": (b"\x7f" * 4096, PROTOCOL_ERROR),
    "HTTP/1.1": (b"POST /3/device/00 HTTP/1.1\r\nHost: localhost\r\n\r\n", PROTOCOL_ERROR),
    "a frame of the binary protocol": (b"\x02\x00\x00\x00\x05\x01\x00\x02\xee\xee", PROTOCOL_ERROR),
    "no SETTINGS": (START[:24] + frame(PING, 0, 0, bytes(8)), PROTOCOL_ERROR),
    "a frame of 16 MB": (START + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + bytes(4096), FRAME_SIZE_ERROR),
    "a block that is no HPACK": (START + frame(HEADERS, END_HEADERS, 1, b"\xff" * 64), COMPRESSION_ERROR),
    "requests, each reset at once": (
        START + b"".join(open_stream(n) + frame(RST_STREAM, 0, n, bytes(4)) for n in range(1, 6000, 2)), ENHANCE_YOUR_CALM),
    "PING all the time": (START + frame(PING, 0, 0, bytes(8)) * 1000, ENHANCE_YOUR_CALM),
    "SETTINGS all the time": (START + frame(SETTINGS, 0, 0) * 1000, ENHANCE_YOUR_CALM),
    "DATA without content": (START + open_stream(1) + frame(DATA, 0, 1) * 1000, ENHANCE_YOUR_CALM),
    "CONTINUATION without end": (
        START + frame(HEADERS, 0, 1, request()) + frame(CONTINUATION, 0, 1) * 1000, ENHANCE_YOUR_CALM),
    "a block without end": (
        START + frame(HEADERS, 0, 1, request()) + frame(CONTINUATION, 0, 1, LETTER * 4) * 10, ENHANCE_YOUR_CALM),
    "a window past its end": (
        START + frame(WINDOW_UPDATE, 0, 0, (0x7fffffff).to_bytes(4, "big")), FLOW_CONTROL_ERROR),
}
BY_RESET = {
    # 60,000 fields of 4 KB each, in 60 KB.
    "a header list that explodes": (
        START + frame(HEADERS, 0, 1, request(LETTER)) +
        frame(CONTINUATION, 0, 1, b"\xbe" * 16000) * 2 + frame(CONTINUATION, END_HEADERS, 1, b"\xbe" * 16000),
        ENHANCE_YOUR_CALM),
    "a false content-length": (
        START + open_stream(1, field(b"content-length", b"5")) + frame(DATA, END_STREAM, 1, b"{}"), PROTOCOL_ERROR),
}


class Clients:
    def __init__(self, service):
        ready = service.ready
        self.service = service
        self.address = ("127.0.0.1", ready["http2_port"])
        self.context = ssl.create_default_context(cafile=ready["ca_file"])
        self.context.load_cert_chain(ready["cert_file"], ready["key_file"])
        self.kept = []

    def plain(self, data=b""):
        client = socket.create_connection(self.address, timeout=20)
        client.sendall(data)
        self.kept.append(client)
        return client

    def tls(self, data=b""):
        client = self.context.wrap_socket(socket.create_connection(self.address, timeout=20), server_hostname="localhost")
        try:
            client.sendall(data)
        except OSError:
            pass  # it was sent away before it had said all
        self.kept.append(client)
        return client

    def frames(self, data, until):
        """What comes back: kind, stream and payload of each frame, until the service ends the connection or `until`."""
        client = self.tls(data)
        received = b""
        while True:
            while len(received) >= 9 and len(received) >= (end := 9 + int.from_bytes(received[:3], "big")):
                got = received[3], int.from_bytes(received[5:9], "big"), received[9:end]
                received = received[end:]
                yield got
                if until(got):
                    return
            try:
                more = client.recv(65536)
            except TimeoutError:
                self.service.fail(f"neither an answer nor an end to {data[:200]}")
            except OSError:
                return
            if not more:
                return
            received += more


def sent_away(clients, name, data, code):
    """The service says GOAWAY with `code` as its last word and ends the connection."""
    last = None
    for last in clients.frames(data, lambda _: False):
        pass
    if last is None or last[0] != GOAWAY or int.from_bytes(last[2][4:8], "big") != code:
        clients.service.fail(f"{name}: the last frame is {last}, GOAWAY with {code} expected")


def stream_reset(clients, name, data, code):
    """The service resets stream 1 with `code`, and goes on with the others."""
    data += open_stream(3) + frame(DATA, END_STREAM, 3, b"{}")
    frames = list(clients.frames(data, lambda got: got[:2] == (DATA, 3)))
    if (RST_STREAM, 1, code.to_bytes(4, "big")) not in frames:
        clients.service.fail(f"{name}: {frames}, RST_STREAM with {code} expected")
    if frames[-1][:2] != (DATA, 3) or frames[-1][2] != b'{"reason":"BadDeviceToken"}':
        clients.service.fail(f"{name}: {frames}, an answer on stream 3 expected")


def too_many_streams(clients):
    """1,100 at once, where 1,000 are allowed: 100 are refused, and nothing else happens."""
    refused = REFUSED_STREAM.to_bytes(4, "big")
    num_refused = 0

    def all_refused(got):
        nonlocal num_refused
        num_refused += got[0] == RST_STREAM and got[2] == refused
        return got[0] == PING

    data = START + b"".join(open_stream(n) for n in range(1, 2200, 2)) + frame(PING, 0, 0, b"the end.")
    frames = list(clients.frames(data, all_refused))
    if num_refused != 100 or frames[-1][0] != PING:
        clients.service.fail(f"1,100 streams: {num_refused} are refused, 100 expected; the last frame is {frames[-1:]}")


def too_large(clients):
    """4 MB, of which the service keeps no more than it needs to say so."""
    data = START + open_stream(1) + frame(DATA, 0, 1, bytes(16384)) * 256 + frame(DATA, END_STREAM, 1)
    *_, last = clients.frames(data, lambda got: got[:2] == (DATA, 1))
    if last != (DATA, 1, b'{"reason":"PayloadTooLarge"}'):
        clients.service.fail(f"4 MB of content: the last frame is {last}")


def half_of_it(clients):
    """Connections that stop in the middle, wherever that is, and are kept."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        clients.context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    for length in range(1, len(hello), 8):
        clients.plain(hello[:length])
    for length in range(0, len(START), 2):
        clients.tls(START[:length])
    clients.tls(START + frame(HEADERS, 0, 1, request()[:20]))
    # 100 bodies, byte by byte, none of which ends.
    slow = clients.tls(START + b"".join(open_stream(n) for n in range(1, 200, 2)))
    for letter in b'{"aps"':
        slow.sendall(b"".join(frame(DATA, 0, n, bytes([letter])) for n in range(1, 200, 2)))


def asked(first, count):
    return b"".join(open_stream(n) + frame(DATA, END_STREAM, n, b"{}") for n in range(first, first + 2 * count, 2))


def takes_nothing(clients):
    """Asks for more than it takes: with windows that let nothing out, and with wide ones, but without reading."""
    shut = frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0))  # INITIAL_WINDOW_SIZE
    clients.tls(START + shut + asked(1, 900))
    wide = frame(WINDOW_UPDATE, 0, 0, (0x7fff0000).to_bytes(4, "big"))
    client = clients.tls(START + wide)
    client.settimeout(0.5)
    try:
        for first in range(1, 1_000_000, 200):
            client.sendall(asked(first, 100))
    except TimeoutError:
        return
    clients.service.fail("a client that never reads is read for ever")


def flood(clients):
    """Connections that are gone at once: some without a word, some by a reset in the handshake or behind it."""
    reset = struct.pack("ii", 1, 0)
    for n in range(NUM_FLOOD):
        client = socket.create_connection(clients.address, timeout=20)
        if n % 4 == 1:
            client.sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a ClientHello
        elif n % 4 == 2:
            client = clients.context.wrap_socket(client, server_hostname="localhost")
        elif n % 4 == 3:
            client = clients.context.wrap_socket(client, server_hostname="localhost")
            client.sendall(START + open_stream(1))
        if n % 8 < 4:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        client.close()


# What the ledger says of all these. Connections that stopped in the middle may have been given up by now, too.
VIOLATIONS = {
    "http2/preface": 3, "http2/first-frame-is-settings": 1, "http2/frame-size-data": 1, "http2/hpack": 1,
    "http2/connection-window-overflow": 1, "http2/concurrent-streams": 100, "http2/content-length-mismatch": 1,
}
# What the log says of the others.
BOUNDS = ["resets", "pings", "settings", "empty_data", "block_frames", "block_bytes", "header_list_bytes"]


def check_log(service):
    """At most a line for each connection, so that nobody can fill the log."""
    told = collections.Counter(re.search(r"connection=(\d+)", line)[1] for line in service.warnings())
    number, count = told.most_common(1)[0]
    if count > 1:
        service.fail(f"{count} lines for connection {number}")
    for text in ["plain HTTP on the TLS port", "these bytes are not TLS", "HTTP/1.x bytes", "bytes are not HTTP/2: 7f7f",
                 "bytes are not HTTP/2: 0200", *(f"bound {bound}: " for bound in BOUNDS)]:
        if sum(text in line for line in service.warnings()) != 1:
            service.fail(f"not one line with \"{text}\"")
    return len(told)


def check_ledger(service, events):
    def count(**wanted):
        return sum(all(event.get(key) == value for key, value in wanted.items()) for event in events)

    if count(event="notification", outcome="accepted") != NUM_GOOD:
        service.fail(f"{count(event='notification', outcome='accepted')} accepted, {NUM_GOOD} expected")
    if count(event="connection", outcome="opened") != count(event="connection", outcome="closed"):
        service.fail("not every connection that was opened was closed")
    for rule, wanted in VIOLATIONS.items():
        found = count(event="violation", rule=rule)
        if found < wanted or found > wanted and rule != "http2/preface":
            service.fail(f"{found} violations of {rule}, {wanted} expected")
    others = {event["rule"] for event in events if event["event"] == "violation"} - set(VIOLATIONS)
    if others:
        service.fail(f"violations of {others}")


def main():
    num_idle = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    allow_descriptors(num_idle + 300)
    with Service(sys.argv[1]) as service:
        clients = Clients(service)
        before_kb = service.memory_kb()
        for _ in range(num_idle):
            clients.tls(START)
        clients.plain(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        clients.plain(b"\x7f\x00garbage that is no TLS record" * 8)
        half_of_it(clients)
        for name, (data, code) in BY_GOAWAY.items():
            sent_away(clients, name, data, code)
        for name, (data, code) in BY_RESET.items():
            stream_reset(clients, name, data, code)
        too_many_streams(clients)
        too_large(clients)
        takes_nothing(clients)
        flood(clients)

        served_in = service.push("http2", NUM_GOOD)
        after_kb = service.check_memory(before_kb + MEMORY_LIMIT_KB + 60 * num_idle)
        num_lines = check_log(service)
        check_ledger(service, service.stop())
        print(f"{NUM_GOOD} notifications accepted in {served_in:.1f} s, behind {NUM_FLOOD} connections that were gone at once "
              f"and beside {len(clients.kept)} that were not; memory {before_kb} KB at start, {after_kb} KB at the end; "
              f"{num_lines} lines in the log")


if __name__ == "__main__":
    main()
