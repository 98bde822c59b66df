"""What the tests of `apnslab exec` share: running it, and a provider of a few lines."""
import json
import os
import ssl
import socket
import struct
import subprocess
import sys
import tempfile

SECONDS = 60  # no step takes longer
TOKEN = "a1" * 32


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"FAIL: {what}: {found!r} instead of {wanted!r}")


def expect_in(what, part, text):
    if part not in text:
        sys.exit(f"FAIL: {what}: no {part!r} in {text!r}")


class Exec:
    """`apnslab exec` in a folder for temporary files of its own."""

    def __init__(self, program, folder, prefix=()):
        self.program = program
        self.folder = folder
        self.prefix = list(prefix)  # what starts the program: setpriv, say
        self.environment = dict(os.environ, TMPDIR=folder, HOME=folder)

    def words(self, *words):
        return self.prefix + [self.program, "exec", *words]

    def run(self, *words, **options):
        """To its end: (code, standard output, standard error). Nothing is left in the folder."""
        options.setdefault("env", self.environment)
        ended = subprocess.run(self.words(*words), capture_output=True, text=True, timeout=SECONDS, check=False,
                               stdin=subprocess.DEVNULL, **options)
        self.expect_nothing_left(words)
        return ended.returncode, ended.stdout, ended.stderr

    def start(self, *words, **options):
        options.setdefault("env", self.environment)
        return subprocess.Popen(self.words(*words), text=True, **options)

    def expect_nothing_left(self, what):
        left = [name for name in os.listdir(self.folder) if name.startswith("apnslab-exec")]
        expect(f"{what}: temporary folders", left, [])

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path


def frame(identifier, token=TOKEN, payload=b'{"aps":{"alert":"Hello"}}'):
    """A notification as command 1 of the binary protocol."""
    raw = bytes.fromhex(token)
    return struct.pack(">BIIH", 1, identifier, 0, len(raw)) + raw + struct.pack(">H", len(payload)) + payload


def connect(host, port, ca=None):
    """TLS with the client certificate of the environment; `ca`: a bundle, else the environment's."""
    context = ssl.create_default_context(cafile=ca or os.environ["APNSLAB_CA_FILE"])
    context.load_cert_chain(os.environ["APNSLAB_CERT_FILE"], os.environ["APNSLAB_KEY_FILE"])
    return context.wrap_socket(socket.create_connection((host, port), SECONDS), server_hostname=host)


def events(path, event):
    with open(path, encoding="utf-8") as lines:
        return [line for line in map(json.loads, lines) if line["event"] == event]


def in_temporary_folder(test):
    with tempfile.TemporaryDirectory(prefix="apnslab-test-") as folder:
        test(folder)
