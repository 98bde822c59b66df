#!/usr/bin/env python3
"""Records what HTTP/2 programs send: the files in tests/golden/http2.

    tests/golden/record_http2.py FOLDER

Each client talks over cleartext to nghttpd, through a relay that keeps both directions apart; then
h2load talks to Node's server. Needs nghttp2-client, nghttp2-server, curl and node. The files that
are kept were made with nghttp2 1.52.0, curl 7.88.1 and Node 20.20.2.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

NODE_CLIENT = """
const http2 = require('http2');
const session = http2.connect('http://127.0.0.1:PORT');
let left = 5;
for (let i = 0; i < 5; ++i) {
  const stream = session.request({':method': 'POST', ':path': '/3/device/' + 'ab'.repeat(16 + i),
    'apns-topic': 'com.example.app', 'apns-push-type': 'alert', 'authorization': 'bearer e30'});
  stream.on('response', () => {});
  stream.on('data', () => {});
  stream.on('close', () => { if (--left === 0) session.close(); });
  stream.end(JSON.stringify({aps: {alert: 'x'.repeat(i * 100)}}));
}
"""

NODE_SERVER = """
const http2 = require('http2');
const server = http2.createServer();
server.on('stream', (stream, headers) => {
  stream.respond({':status': 400, 'apns-id': '27CFDC15-E305-27E0-E290-8FC98E115899'});
  stream.end('{"reason":"BadDeviceToken"}');
});
server.listen(PORT, '127.0.0.1');
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            pass


class Relay:
    """One connection, both directions kept."""

    def __init__(self, to_port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sent = {"client": bytearray(), "server": bytearray()}
        self.to_port = to_port
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.to_port))
        pumps = [
            threading.Thread(target=self.pump, args=(client, server, self.sent["client"])),
            threading.Thread(target=self.pump, args=(server, client, self.sent["server"])),
        ]
        for pump in pumps:
            pump.start()
        for pump in pumps:
            pump.join()
        client.close()
        server.close()
        self.listener.close()

    @staticmethod
    def pump(source, target, kept):
        try:
            while data := source.recv(65536):
                kept += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def record(server_command, server_port, client_command):
    server = subprocess.Popen(server_command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(server_port)
        relay = Relay(server_port)
        command = [word.replace("PORT", str(relay.port)) for word in client_command]
        subprocess.run(command, check=True, timeout=30, stdout=subprocess.DEVNULL)
        relay.thread.join(timeout=30)
        return relay.sent
    finally:
        server.terminate()
        server.wait()


def main():
    folder = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        (root / "small.txt").write_text("hello\n")
        (root / "large.txt").write_bytes(b"0123456789abcdef" * 2048)
        payload = root / "payload.json"
        payload.write_text('{"aps":{"alert":"hello"}}')
        port = free_port()
        nghttpd = ["nghttpd", "--no-tls", "-d", scratch, "--trailer", "checksum: 1", str(port)]
        url = "http://127.0.0.1:PORT/"
        clients = {
            "h2load": ["h2load", "-n5", "-c1", "-m3", "-d", str(payload), "-H", "apns-topic: a.b",
                       url + "small.txt"],
            "nghttp": ["nghttp", "-n", "-d", str(payload), "--trailer", "checksum: 1", "-b", "7",
                       url + "small.txt", url + "large.txt"],
            "curl": ["curl", "-sS", "--http2-prior-knowledge", "-d", "@" + str(payload),
                     url + "small.txt"],
            "node": ["node", "-e", NODE_CLIENT],
        }
        for name, command in clients.items():
            sent = record(nghttpd, port, command)
            (folder / f"client_{name}.bin").write_bytes(sent["client"])
            if name == "h2load":
                (folder / "server_nghttpd.bin").write_bytes(sent["server"])
        node_port = free_port()
        node = ["node", "-e", NODE_SERVER.replace("PORT", str(node_port))]
        sent = record(node, node_port, ["h2load", "-n5", "-c1", "-m3", url])
        (folder / "server_node.bin").write_bytes(sent["server"])


if __name__ == "__main__":
    main()
