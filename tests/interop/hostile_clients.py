#!/usr/bin/env python3
"""Clients that say nothing, garbage, half of it, or too much, and one that never reads; a good provider is served meanwhile.

usage: hostile_clients.py APNSLAB [IDLE]   IDLE: connections that say nothing (default 300)

Checks that every notification of the good provider is accepted, that the service's memory stays bounded, that each
bad client is worth exactly one line in the log, and that the service still stops when told.
"""
import socket
import ssl
import sys

from hostile_service import Service, allow_descriptors

NUM_GOOD = 2000
MEMORY_LIMIT_KB = 60_000  # besides 40 KB for each idle connection


def frame(token, payload, identifier):
    items = b"\x01" + len(token).to_bytes(2, "big") + token
    items += b"\x02" + len(payload).to_bytes(2, "big") + payload
    items += b"\x03\x00\x04" + identifier.to_bytes(4, "big")
    return b"\x02" + len(items).to_bytes(4, "big") + items


class Clients:
    def __init__(self, ready):
        self.port = ready["gateway_port"]
        self.context = ssl.create_default_context(cafile=ready["ca_file"])
        self.context.load_cert_chain(ready["cert_file"], ready["key_file"])
        self.kept = []

    def plain(self, data):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        client.sendall(data)
        self.kept.append(client)

    def tls(self, data=b""):
        client = self.context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), timeout=20), server_hostname="localhost")
        if data:
            client.sendall(data)
        self.kept.append(client)
        return client


def never_reads(clients):
    """Writes until the service, which has rejected the first notification, stops taking it."""
    client = clients.tls(frame(b"", b"{}", 1))
    client.settimeout(0.2)
    block = frame(b"\xee" * 32, b"{}" * 500, 2) * 16
    try:
        for _ in range(2000):
            client.sendall(block)
    except OSError:
        pass


def hostile(clients):
    """Each of these is worth one line in the log; returns what the line must contain, per client."""
    token = b"\xee" * 32
    clients.plain(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    clients.plain(b"\x7f\x00garbage that is no TLS record" * 8)
    clients.tls(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    clients.tls(b"POST /3/device/00 HTTP/1.1\r\n\r\n")
    clients.tls(b"\x7f" * 4096)
    # These are ordinary rejections, of which the ledger tells and the log does not.
    clients.tls(frame(token, b"x" * 60000, 3))                       # a payload past its limit
    clients.tls(b"\x02\xff\xff\xff\xff" + b"\x00" * 4096)            # a frame of 4 GB
    clients.tls(b"\x02\x00\x00\x00\x08\x01\xff\xff" + b"\x00" * 64)  # an item past its frame
    clients.tls(frame(token, b"{}", 4)[:20])                         # half a frame, then nothing
    clients.tls(b"\x02\x00\x02\x00\x00\x01\xff\xff" + b"\x00" * 40000)  # a device token of 65,535 bytes, slowly
    return ["plain HTTP on the TLS port", "not TLS", "HTTP/2 bytes", "HTTP/1 bytes", "first byte is 7f"]


def main():
    num_idle = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    allow_descriptors(num_idle + 100)
    with Service(sys.argv[1]) as service:
        clients = Clients(service.ready)
        before_kb = service.memory_kb()
        for _ in range(num_idle):
            clients.tls()
        idle_kb = service.memory_kb()
        expected = hostile(clients)
        never_reads(clients)

        served_in = service.push("binary", NUM_GOOD)
        after_kb = service.check_memory(before_kb + MEMORY_LIMIT_KB + 40 * num_idle)
        warnings = service.warnings()
        for text in expected:
            if sum(text in line for line in warnings) != 1:
                service.fail(f"not one line with \"{text}\"")
        if len(warnings) != len(expected):
            service.fail(f"{len(warnings)} warnings, {len(expected)} expected")
        print(f"{NUM_GOOD} notifications accepted in {served_in:.1f} s (of which 1 s is the wait for silence) beside "
              f"{num_idle} silent connections; memory {before_kb} KB at start, {idle_kb} KB with them, {after_kb} KB at the end")
        for line in warnings:
            print("  " + line)


if __name__ == "__main__":
    main()
