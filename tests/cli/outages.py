#!/usr/bin/env python3
"""`apnslab push` while its service is killed, or does not move for a while.

usage: outages.py APNSLAB killed|stopped [NUM] [SECONDS]

killed: SIGKILL in the middle of NUM notifications, a new service on the same port SECONDS later.
stopped: SIGSTOP in the middle, SIGCONT SECONDS later.

Checks that push ends by itself, that each notification has exactly one outcome, that what the service accepted is not
sent twice, and that `sent` was accepted: what lies between is said to be unknown.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = 240  # no step takes longer


def fail(why):
    sys.exit(f"FAIL: {why}")


class Service:
    def __init__(self, program, state, log, gateway_port=0):
        self.ready = os.path.join(state, "ready.json")
        if os.path.exists(self.ready):
            os.remove(self.ready)
        self.log = log
        with open(log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [program, "serve", "--state", state, "--port", "0", "--gateway-port", str(gateway_port), "--json"],
                stdout=out, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not os.path.exists(self.ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                fail("the service did not start")
            time.sleep(0.01)

    def port(self):
        with open(self.ready, encoding="utf-8") as ready:
            return json.load(ready)["gateway_port"]

    def send(self, what):
        self.process.send_signal(what)

    def end(self):
        self.process.terminate()
        if self.process.wait(SECONDS) != 0:
            fail(f"the service ended with {self.process.returncode}")

    def accepted(self):
        """The numbers that it accepted, once for each time."""
        numbers = []
        with open(self.log, encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                if event.get("event") == "notification" and event["outcome"] == "accepted":
                    numbers.append(int(event["device_token"][2:], 16))
        return numbers


def line_of(n):
    return json.dumps({"n": n, "device_token": f"a1{n:062x}", "payload": {"aps": {"alert": f"Hello {n}"}}}) + "\n"


class Push:
    """Feeds NUM notifications; `in_the_middle` is called when half of them went into its pipe."""

    def __init__(self, program, state, port, out, num, in_the_middle):
        self.out = out
        with open(out, "wb") as stdout:
            self.process = subprocess.Popen(
                [program, "push", "--protocol", "binary", "--state", state, "--to", f"localhost:{port}", "--input", "-", "--json",
                 "--give-up-after", "60s", "--drain", "120s"], stdin=subprocess.PIPE, stdout=stdout,
                stderr=subprocess.PIPE)
        self.feeder = threading.Thread(target=self.feed, args=(num, in_the_middle))
        self.feeder.start()

    def feed(self, num, in_the_middle):
        for first in range(1, num + 1, 1000):
            if first > num // 2 and in_the_middle:
                in_the_middle = in_the_middle()
            self.process.stdin.write("".join(line_of(n) for n in range(first, min(first + 1000, num + 1))).encode())
            time.sleep(0.03)  # so that some are settled in the middle
        self.process.stdin.close()

    def end(self):
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            fail("push hangs")
        self.feeder.join()
        summary = self.process.stderr.read().decode()
        self.process.stderr.close()
        print(summary.strip().splitlines()[-1])

    def outcomes(self, num):
        by = {"sent": set(), "rejected": set(), "unknown": set()}
        lines = 0
        with open(self.out, encoding="utf-8") as out:
            for line in out:
                outcome = json.loads(line)
                by[outcome["outcome"]].add(outcome["n"])
                lines += 1
        together = by["sent"] | by["rejected"] | by["unknown"]
        if lines != num or together != set(range(1, num + 1)):
            fail(f"{lines} outcomes for {len(together)} of {num} notifications")
        return by


def check(by, accepted, before):
    """`accepted` by the service that is there at the end; `before`: nothing is known of an earlier one."""
    again = set(accepted)
    if len(again) != len(accepted):
        fail(f"{len(accepted) - len(again)} were accepted twice")
    if by["rejected"]:
        fail(f"{len(by['rejected'])} were rejected, though nothing was wrong with them")
    earlier = by["sent"] - again
    if earlier and not before:
        fail(f"{len(earlier)} reported sent and never accepted")
    if earlier and by["unknown"] and max(earlier) > min(by["unknown"]):
        fail(f"{max(earlier)} was reported sent, though what was before it is unknown")
    if again & by["unknown"]:
        fail(f"{len(again & by['unknown'])} were reported unknown and sent again")


def killed(program, folder, num, seconds):
    log = os.path.join(folder, "ledger")
    services = [Service(program, folder, log)]
    port = services[0].port()

    def kill():
        services[0].send(signal.SIGKILL)
        services[0].process.wait()
        threading.Timer(seconds, lambda: services.append(Service(program, folder, log, port))).start()

    push = Push(program, folder, port, os.path.join(folder, "outcomes"), num, kill)
    push.end()
    by = push.outcomes(num)
    services[1].end()
    check(by, services[1].accepted(), before=True)
    if not by["unknown"]:
        fail("what was on its way when the service was killed is not said to be unknown")
    if push.process.returncode != 1:
        fail(f"push ended with {push.process.returncode}")


def stopped(program, folder, num, seconds):
    service = Service(program, folder, os.path.join(folder, "ledger"))

    def stop():
        service.send(signal.SIGSTOP)
        threading.Timer(seconds, service.send, [signal.SIGCONT]).start()

    push = Push(program, folder, service.port(), os.path.join(folder, "outcomes"), num, stop)
    push.end()
    by = push.outcomes(num)
    service.end()
    check(by, service.accepted(), before=False)
    if by["unknown"] or push.process.returncode != 0:
        fail(f"{len(by['unknown'])} unknown, though the connection was never lost; status {push.process.returncode}")


def main():
    program, mode = sys.argv[1:3]
    num = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 2
    with tempfile.TemporaryDirectory() as folder:
        {"killed": killed, "stopped": stopped}[mode](program, folder, num, seconds)
    print("ok")


main()
