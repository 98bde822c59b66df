"""`apnslab serve` on free ports, for tests with clients that mean it no good."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time


class Service:
    """Use by `with`: at its end the service stops when told, or the test fails."""

    def __init__(self, apnslab):
        self.apnslab = apnslab
        self._folder = tempfile.TemporaryDirectory()
        self.state = os.path.join(self._folder.name, "state")
        self._log_file = os.path.join(self._folder.name, "log")
        self._ledger_file = os.path.join(self._folder.name, "ledger")

    def __enter__(self):
        ready_file = os.path.join(self._folder.name, "ready")
        with open(self._log_file, "wb") as log, open(self._ledger_file, "wb") as ledger:
            self._process = subprocess.Popen([self.apnslab, "serve", "--port", "0", "--state", self.state,
                                              "--ready-file", ready_file, "--json", "--drain", "1s"], stdout=ledger, stderr=log)
        started = time.monotonic()
        while not os.path.exists(ready_file):
            if self._process.poll() is not None or time.monotonic() - started > 20:
                self.fail("serve did not start")
        with open(ready_file, encoding="utf-8") as file:
            self.ready = json.load(file)
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self._process.kill()
        elif self._process.poll() is None:
            self.stop()
        self._process.wait()
        self._folder.cleanup()

    def stop(self):
        """The service ends; returns its ledger."""
        self._process.terminate()
        if self._process.wait(timeout=30) != 0:
            self.fail(f"serve ended with {self._process.returncode}")
        with open(self._ledger_file, encoding="utf-8") as file:
            return [event for event in map(json.loads, file) if "seq" in event]

    def log(self):
        with open(self._log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def warnings(self):
        return [line for line in self.log().splitlines() if line.startswith("warn")]

    def fail(self, why):
        sys.exit(f"FAIL: {why}\n{self.log()[-3000:]}")

    def memory_kb(self):
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def check_memory(self, limit_kb):
        now_kb = self.memory_kb()
        if now_kb > limit_kb:
            self.fail(f"the service takes {now_kb} KB, {limit_kb} are allowed")
        return now_kb

    def push(self, protocol, count):
        """A good provider sends so many notifications, and all are accepted; returns the seconds that it takes."""
        lines = "".join(json.dumps({"device_token": f"{n:064x}", "payload": {"aps": {"badge": n}}}) + "\n"
                        for n in range(1, count + 1))
        topic = ["--topic", "com.example.app"] if protocol == "http2" else []
        started = time.monotonic()
        push = subprocess.run(
            [self.apnslab, "push", "--protocol", protocol, "--state", self.state, "--input", "-", "--json", *topic],
            input=lines, capture_output=True, text=True, timeout=60, check=False)
        num_sent = push.stdout.count('"outcome":"sent"')
        if push.returncode != 0 or num_sent != count:
            self.fail(f"the good provider: {num_sent} of {count} sent; {push.stderr[-1000:]}")
        return time.monotonic() - started


def allow_descriptors(count):
    """Raises the limit as far as it goes; ends the test if that is not enough."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if count > hard:
        sys.exit(f"FAIL: {count} descriptors are needed, {hard} are allowed here")
