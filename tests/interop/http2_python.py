#!/usr/bin/python3
"""Python's h2 and `apnslab serve --null`: with ALPN, with none, and without TLS.

usage: http2_python.py PORT CA_FILE|-   -: without TLS
"""
import re
import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events

NUM_PUSHES = 300
APNS_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
BODY = b'{"aps":{"alert":"' + b"x" * 130 + b'"}}'


def connect(port, ca_file, alpn):
    plain = socket.create_connection(("localhost", port), timeout=20)
    if ca_file == "-":
        return plain
    context = ssl.create_default_context(cafile=ca_file)
    if alpn:
        context.set_alpn_protocols(alpn)
    client = context.wrap_socket(plain, server_hostname="localhost")
    chosen = client.selected_alpn_protocol()
    assert chosen == ("h2" if alpn else None), f"ALPN: {chosen}"
    return client


class Conversation:
    def __init__(self, client):
        self.client = client
        self.http2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.http2.initiate_connection()
        self.statuses = {}
        self.apns_ids = set()
        self.num_ended = 0
        self.pinged = False

    def push(self, i, scheme):
        stream = self.http2.get_next_available_stream_id()
        self.http2.send_headers(stream, [
            (":method", "POST"), (":scheme", scheme), (":authority", "localhost"),
            (":path", f"/3/device/{i % 64:064x}"), ("apns-topic", "com.example.app")])
        self.http2.send_data(stream, BODY, end_stream=True)

    def take(self, event):
        if isinstance(event, h2.events.ResponseReceived):
            fields = dict(event.headers)
            self.statuses[event.stream_id] = fields[":status"]
            assert APNS_ID.fullmatch(fields["apns-id"]), fields
            self.apns_ids.add(fields["apns-id"])
        elif isinstance(event, h2.events.StreamEnded):
            self.num_ended += 1
        elif isinstance(event, h2.events.PingAckReceived):
            self.pinged = event.ping_data == b"8 bytes!"
        else:
            wrong = (h2.events.StreamReset, h2.events.ConnectionTerminated, h2.events.DataReceived)
            assert not isinstance(event, wrong), event

    def run_until(self, done):
        while not done():
            self.client.sendall(self.http2.data_to_send())
            received = self.client.recv(65536)
            assert received, "the service ended the connection"
            for event in self.http2.receive_data(received):
                self.take(event)
        self.client.sendall(self.http2.data_to_send())


def converse(client, scheme):
    conversation = Conversation(client)
    for first in range(0, NUM_PUSHES, 100):  # within the connection's window
        for i in range(first, first + 100):
            conversation.push(i, scheme)
        conversation.run_until(lambda: conversation.num_ended == first + 100)
    assert set(conversation.statuses.values()) == {"200"}, conversation.statuses
    assert len(conversation.apns_ids) == NUM_PUSHES
    conversation.http2.ping(b"8 bytes!")
    conversation.run_until(lambda: conversation.pinged)
    conversation.http2.close_connection()
    client.sendall(conversation.http2.data_to_send())
    while client.recv(65536):  # ends because GOAWAY was said
        pass


def main():
    port, ca_file = int(sys.argv[1]), sys.argv[2]
    if ca_file == "-":
        converse(connect(port, ca_file, []), "http")
        return
    for alpn in (["h2"], ["http/1.1", "h2"], []):
        converse(connect(port, ca_file, alpn), "https")
    try:
        connect(port, ca_file, ["http/1.1"])
    except ssl.SSLError as error:
        assert "no application protocol" in str(error), error
    else:
        sys.exit("HTTP/1.1 alone is agreed on")


if __name__ == "__main__":
    main()
