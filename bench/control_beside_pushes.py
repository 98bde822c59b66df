#!/usr/bin/python3
"""Does who asks the control API slow down who pushes?

Rounds in turn: pushes at full rate alone, and the same with 100 control clients at 2,000 requests a
second in all. Measured: CPU time of the service's data thread per push (the median of the
round-by-round ratios is the result), and how long the control API takes to answer meanwhile. The
service has one core, all clients the other.

Exit: 0 measured, 1 an answer was wrong or (--gate) the ratio is above 1.25, 2 usage or set-up.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # no cache folder in the source tree
from provenance import ROOT, Build, SetupError, make_header  # noqa: E402
from server_process import CheckError, Server, product_credentials  # noqa: E402

LIMIT = 1.25


def thread_cpu_ns(pid, name):
    for thread in Path(f"/proc/{pid}/task").iterdir():
        if (thread / "comm").read_text().strip() == name:
            return int((thread / "schedstat").read_text().split()[0])
    raise SetupError(f"The service has no thread called {name}.")


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.bin = options.build
        self.cores = sorted(os.sched_getaffinity(0))
        self.state = folder / "state"
        ready = folder / "ready.json"
        self.server = Server(
            "apnslab", [self.bin / "cli/apnslab", "serve", "--port", "0", "--quiet", "--state",
                        self.state, "--ready-file", ready], self.cores[0], folder)
        self.server.wait_for_port(
            lambda: json.loads(ready.read_text())["gateway_port"] if ready.exists() else 0)
        self.control_port = int(json.loads(ready.read_text())["control_url"].split(":")[2][:-3])

    def start(self, *command):
        return subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.cores[-1]}))

    def pushes(self, count):
        """CPU of the data thread per push, in nanoseconds."""
        creds = product_credentials(self.state)
        before = thread_cpu_ns(self.server.process.pid, "io-0")
        sender = self.start(self.bin / "bench/floor_sender", "--records", "packed", "--port",
                            self.server.port, "--cert", creds.client_cert, "--key",
                            creds.client_key, "--count", count)
        _, log = sender.communicate(timeout=600)
        if sender.returncode != 0:
            raise CheckError(f"floor_sender ended with {sender.returncode}: {log.strip()}")
        return (thread_cpu_ns(self.server.process.pid, "io-0") - before) / count

    def with_control(self, count):
        clients = self.start(self.bin / "bench/control_clients", "--port", self.control_port,
                             "--clients", self.options.clients, "--rate", self.options.rate,
                             "--seconds", self.options.seconds)
        value = self.pushes(count)
        busy = clients.poll() is None
        out, log = clients.communicate(timeout=600)
        if clients.returncode != 0:
            raise CheckError(f"control_clients ended with {clients.returncode}: {log.strip()}")
        seen = json.loads(out)
        if seen["failed"]:
            raise CheckError(f"{seen['failed']} control requests failed.")
        return value, seen, busy


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--count", type=int, default=2_000_000, help="pushes of a sample")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--rate", type=int, default=2000, help="requests a second of all clients")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--gate", action="store_true")
    options = parser.parse_args()
    header = make_header(Build.read(options.build))
    with tempfile.TemporaryDirectory(prefix="apnslab-bench-") as folder:
        bench = Bench(options, Path(folder))
        try:
            bench.pushes(options.count)  # warm-up
            rows = []
            for _ in range(options.rounds):
                alone = bench.pushes(options.count)
                beside, seen, busy = bench.with_control(options.count)
                rows.append({"alone_ns": alone, "beside_ns": beside, "ratio": beside / alone,
                             "control_outlasted_pushes": busy, **seen})
                print(f"alone {alone:6.0f} ns/push   beside {beside:6.0f}   ratio "
                      f"{beside / alone:5.2f}   control {seen['requests']} requests, p50 "
                      f"{seen['p50_ms']} ms, p99 {seen['p99_ms']} ms, max {seen['max_ms']} ms",
                      flush=True)
        finally:
            bench.server.abandon()
    ratios = [row["ratio"] for row in rows]
    middle = statistics.median(ratios)
    p99 = statistics.median(row["p99_ms"] for row in rows)
    print(f"median ratio {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), limit {LIMIT}; "
          f"control p99 {p99} ms")
    if options.json:
        options.json.write_text(json.dumps({"header": header, "rows": rows, "ratio": middle,
                                            "p99_ms": p99}, indent=1) + "\n")
    return 1 if options.gate and middle > LIMIT else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        print(f"control_beside_pushes: {error}", file=sys.stderr)
        sys.exit(1)
    except SetupError as error:
        print(f"control_beside_pushes: {error}", file=sys.stderr)
        sys.exit(2)
