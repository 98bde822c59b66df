"""The program that is tested: it tells customers what became of their orders, over the binary protocol,
with nothing but the standard library. It knows nothing of apnslab: where the gateway is and whom to trust
are its settings."""

import json
import socket
import ssl
import struct

ERROR_PACKET = struct.Struct(">BBI")  # command 8, status, identifier
INVALID_TOKEN = 8


class Notifier:
    def __init__(self, host, port, ca, cert, key):
        self.address = (host, port)
        self.context = ssl.create_default_context(cafile=ca)
        self.context.load_cert_chain(cert, key)
        self.connection = None
        self.sent = []  # (device token, order) by identifier, from 1: of this connection
        self.gone = []  # device tokens that are no good any more

    def shipped(self, device_token, order):
        if self.connection is None:
            self.connect()
        self.sent.append((device_token, order))
        self.connection.sendall(frame(len(self.sent), device_token, {
            "aps": {"alert": f"Order {order} is on its way", "badge": 1}, "order": order}))

    def flush(self, timeout=0.2):
        """Waits for an error packet, and sends again what was behind the notification that it names."""
        while self.connection is not None:
            self.connection.settimeout(timeout)
            try:
                packet = self.connection.recv(ERROR_PACKET.size)
            except TimeoutError:
                return  # silence: all are accepted
            self.close()
            if len(packet) < ERROR_PACKET.size:
                return
            _, status, identifier = ERROR_PACKET.unpack(packet)
            bad, behind = self.sent[identifier - 1], self.sent[identifier:]
            self.sent = []
            if status == INVALID_TOKEN:
                self.gone.append(bad[0])
            for device_token, order in behind:
                self.shipped(device_token, order)

    def connect(self):
        raw = socket.create_connection(self.address, timeout=10)
        self.connection = self.context.wrap_socket(raw, server_hostname=self.address[0])
        self.sent = []

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def frame(identifier, device_token, payload):
    items = b"".join(
        struct.pack(">BH", number, len(data)) + data
        for number, data in ((1, bytes.fromhex(device_token)), (2, json.dumps(payload).encode()),
                             (3, struct.pack(">I", identifier))))
    return struct.pack(">BI", 2, len(items)) + items
