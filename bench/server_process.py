"""A server under measurement: its certificates, its life, its CPU time and memory."""

import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from provenance import SetupError

START_SECONDS = 30
STOP_SECONDS = 60


class CheckError(Exception):
    """The measurement was made and something is wrong: exit 1."""


@dataclass
class Credentials:
    ca: Path
    server_cert: Path
    server_key: Path
    client_cert: Path
    client_key: Path


def make_credentials(folder):
    """A P-256 authority, and a server and a client certificate of it, by the openssl program."""
    common = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
              "-nodes", "-days", "365"]
    for name in ("ca", "server", "client"):
        issuer = [] if name == "ca" else ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.key"]
        made = subprocess.run(
            [*common, *issuer, "-subj", f"/CN=apnslab bench {name}", "-keyout",
             folder / f"{name}.key", "-out", folder / f"{name}.pem"],
            capture_output=True, text=True, timeout=60, check=False)
        if made.returncode != 0:
            raise SetupError(f"openssl cannot make a certificate: {made.stderr.strip()}")
    return Credentials(folder / "ca.pem", folder / "server.pem", folder / "server.key",
                       folder / "client.pem", folder / "client.key")


def product_credentials(state):
    return Credentials(state / "ca.pem", state / "server.pem", state / "server.key",
                       state / "cert.pem", state / "key.pem")


class Server:
    """A server process on one core. Its standard output goes to a file, so that it never waits."""

    def __init__(self, name, command, core, folder):
        self.name = name
        self.num_sent = 0
        self.output = folder / f"{name}-{time.monotonic_ns()}.out"
        self.log = self.output.with_suffix(".err")
        with self.output.open("wb") as out, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        self.port = 0

    def wait_for_port(self, read_port):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SetupError(f"{self.name} ended at its start with code "
                                 f"{self.process.returncode}: {self.log.read_text().strip()}")
            self.port = read_port()
            if self.port:
                return
            time.sleep(0.01)
        raise SetupError(f"{self.name} was not listening after {START_SECONDS} s.")

    def cpu_ns(self):
        """CPU time of all its threads, taken once it has come to rest; a server with a fast timer
        never does, and is given one second."""
        now = self._cpu_ns()
        for _ in range(50):
            time.sleep(0.02)
            before, now = now, self._cpu_ns()
            if now == before:
                break
        return now

    def _cpu_ns(self):
        total = 0
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
        return total

    def rss_anon_kb(self):
        self.cpu_ns()  # at rest
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^RssAnon:\s+(\d+) kB", status, re.M)[1])

    def stop(self):
        """Ends it and gives its last line, when that is a JSON object; else an empty one."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise CheckError(
                f"{self.name} did not end within {STOP_SECONDS} s of SIGTERM.") from None
        if code not in (0, 128 + signal.SIGTERM):
            raise CheckError(f"{self.name} ended with code {code}: {self.log.read_text().strip()}")
        return last_json_object(self.output.read_text())

    def abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def last_json_object(text):
    lines = text.strip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
