#!/usr/bin/python3
"""Measures gateway and provider against the floor programs, side by side in one run.

Rows, numbered as in docs/performance.md:
   6  binary gateway, 16 KB TLS records        CPU per frame, ratio to floor_sink
   7  binary gateway, one TLS record a frame   CPU per frame, ratio to floor_sink
   8  binary provider, 16 KB TLS records       CPU per notification, ratio to floor_sender
   9  full handshake, client certificate       CPU per handshake, ratio to floor_handshake
  10  idle connection, client certificate      user memory, beside floor_handshake

Both servers live on one core and the client on another; servers take turns (A B A B ...), and the
result is the median of the round-by-round ratios. In row 8 it is two clients that take turns, with
one server. Where the product is not built, or with --self-test, B is a second floor program: its
ratio shows what this machine's noise does.

Exit: 0 measured, 1 a count is wrong or (--gate) a ratio is too high, 2 usage or set-up.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True  # no cache folder in the source tree
from provenance import ROOT, Build, SetupError, make_header  # noqa: E402
from server_process import (CheckError, Server, last_json_object,  # noqa: E402
                            make_credentials, product_credentials)

GATE_HEADROOM = 1.3
# What servers count that must stay zero.
FAULTS = ("bad_payloads", "failed_connections", "rejected", "discarded", "not_json")
CLIENT_SECONDS = 900
CALIBRATION_SECONDS = 60


@dataclass(frozen=True)
class Row:
    number: int
    title: str
    unit: str
    floor: str  # program
    tls: str
    target: float
    gated: bool  # a ratio of CPU times with a target; else the target is a value in `unit`
    client: tuple  # program and its first words
    first_count: int  # that calibration starts from
    product_client: tuple = ()  # the clients are compared, not the servers: this one is B


ROWS = (
    Row(6, "binary gateway, 16 KB records", "ns/frame", "floor_sink", "1.2", 1.5, True,
        ("floor_sender", "--records", "packed"), 100_000),
    Row(7, "binary gateway, a record a frame", "ns/frame", "floor_sink", "1.2", 1.5, True,
        ("floor_sender", "--records", "single"), 50_000),
    Row(8, "binary provider, 16 KB records", "ns/frame", "floor_sink", "1.2", 303.5, False,
        ("floor_sender", "--records", "packed"), 100_000, ("binary_sender",)),
    Row(9, "full handshake, P-256", "us/handshake", "floor_handshake", "1.3", 1.15, True,
        ("floor_handshake", "client"), 100),
    Row(10, "idle connection, user memory", "KB/connection", "floor_handshake", "1.3", 26.0, False,
        ("floor_handshake", "client"), 0),
)


# ------------------------------------------------------------------------------ one side of a row


@dataclass
class Sample:
    value: float  # in the row's unit
    cpu_s: float = 0.0
    rate: float = 0.0  # items a second, by the client's wall clock
    server_busy: float = 0.0
    client_busy: float = 0.0


@dataclass
class Side:
    """A or B: what is started, and what it measured."""

    label: str  # floor_sink, apnslab, binary_sender
    samples: list = field(default_factory=list)
    count_checked: bool = True

    def median(self):
        return statistics.median(sample.value for sample in self.samples)

    def to_json(self):
        middle = {name: statistics.median(getattr(sample, name) for sample in self.samples)
                  for name in ("rate", "server_busy", "client_busy")}
        return {"server": self.label, "median": self.median(), **middle,
                "samples": [sample.value for sample in self.samples],
                "least_cpu_s": min(sample.cpu_s for sample in self.samples),
                "count_checked": self.count_checked}


# ------------------------------------------------------------------------------------ the measuring


class Bench:
    def __init__(self, options, build, folder, with_product):
        self.options = options
        self.build = build
        self.folder = folder
        self.with_product = with_product
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.client_core = cores[0], cores[min(1, len(cores) - 1)]
        self.tls_seen = set()
        self.servers = []
        self.state = folder / "state"  # the product's
        self.credentials = product_credentials(self.state)

    def prepare(self):
        """Has the certificates made. Those of the product's state folder serve both sides."""
        if not self.with_product:
            self.credentials = make_credentials(self.folder)
            return
        self.start_product("1.2").stop()
        missing = [str(path) for path in vars(self.credentials).values() if not path.exists()]
        if missing:
            raise SetupError(f"apnslab has not made {', '.join(missing)}.")

    def abandon_servers(self):
        for server in self.servers:
            server.abandon()
        self.servers.clear()

    def start_product(self, tls):
        ready = self.folder / f"ready-{time.monotonic_ns()}.json"
        command = [self.build.program("apnslab"), "serve", "--sink", "--port", "0", "--ready-file",
                   ready, "--state", self.state, "--threads", "1", "--json"]
        if tls != "1.2":
            command += ["--tls", tls]

        def read_port():
            try:
                return int(json.loads(ready.read_text())["gateway_port"])
            except (OSError, ValueError):
                return 0  # not there, or half written

        return self._started(Server("apnslab", command, self.server_core, self.folder), read_port)

    def start_floor(self, row):
        keys = self.credentials
        command = [self.build.program(row.floor), *(["serve"] if "handshake" in row.floor else []),
                   "--cert", keys.server_cert, "--key", keys.server_key, "--tls", row.tls]
        if row.number in (9, 10):
            command += ["--ca", keys.ca]  # the product checks the chain too
        if row.number == 10:
            command += ["--hold"]
        server = Server(row.floor, command, self.server_core, self.folder)
        return self._started(
            server, lambda: last_json_object(server.output.read_text()).get("port", 0))

    def _started(self, server, read_port):
        self.servers.append(server)
        server.wait_for_port(read_port)
        return server

    def start_b(self, row):
        return self.start_product(row.tls) if self.with_product else self.start_floor(row)

    def client_command(self, client, server, *words):
        return [str(word) for word in
                (self.build.program(client[0]), *client[1:], "--port", server.port,
                 "--cert", self.credentials.client_cert, "--key", self.credentials.client_key,
                 *words)]

    def start_client(self, command, **more):
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                preexec_fn=lambda: os.sched_setaffinity(0, {self.client_core}),
                                **more)

    def take_sample(self, row, side, count):
        server, client = side
        before = server.cpu_ns()
        process = self.start_client(self.client_command(client, server, "--count", count),
                                    stdin=subprocess.DEVNULL)
        try:
            output, errors = process.communicate(timeout=CLIENT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise CheckError(f"row {row.number}: {client[0]} was not done with {server.name} "
                             f"after {CLIENT_SECONDS} s.") from None
        if process.returncode != 0:
            raise CheckError(f"row {row.number}: against {server.name}: {errors.strip()}")
        server_ns = server.cpu_ns() - before
        server.num_sent += count
        report = last_json_object(output)
        self.tls_seen.add(f"{report['tls']} {report['cipher']}")
        wall_us = max(report["wall_us"], 1)
        cpu_ns = report["cpu_us"] * 1000 if row.product_client else server_ns
        scale = 1000 if row.unit.startswith("us/") else 1
        return Sample(cpu_ns / count / scale, cpu_ns / 1e9, count * 1e6 / wall_us,
                      min(server_ns / 1000 / wall_us, 1.0), min(report["cpu_us"] / wall_us, 1.0))

    def calibrate(self, row, sides):
        """How many items cost each side enough CPU, with a quarter to spare."""
        count = row.first_count
        if self.options.smoke:
            return count // 5
        while True:
            samples = [self.take_sample(row, side, count) for side in sides]
            least = min(sample.cpu_s for sample in samples)
            if least >= self.options.cpu:
                return count
            if max(count / sample.rate for sample in samples) > CALIBRATION_SECONDS:
                raise SetupError(f"row {row.number}: {count} items took one side {least:.3f} s of "
                                 f"CPU but more than {CALIBRATION_SECONDS} s of time: this machine "
                                 "is too busy to measure on.")
            count = int(count * min(max(1.25 * self.options.cpu / max(least, 1e-6), 1.25), 20.0))

    def start_sides(self, row):
        """A and B as (server, client)."""
        if row.product_client:
            sink = self.start_floor(row)
            return (sink, row.client), (sink, row.product_client if self.with_product
                                        else row.client)
        second = self.start_b(row)
        return (self.start_floor(row), row.client), (second, row.client)

    def measure_cpu(self, row):
        self.tls_seen.clear()
        pair = self.start_sides(row)
        sides = tuple(Side(client[0] if row.product_client else server.name)
                      for server, client in pair)
        count = self.calibrate(row, pair)
        for server_and_client in pair:
            self.take_sample(row, server_and_client, count)  # warm-up
        for _ in range(self.options.rounds):
            for server_and_client, side in zip(pair, sides):
                side.samples.append(self.take_sample(row, server_and_client, count))
        if len(self.tls_seen) > 1:
            raise CheckError(f"row {row.number}: the two sides chose different TLS: "
                             f"{', '.join(sorted(self.tls_seen))}.")
        reports = {server: server.stop() for server, _ in pair}
        for (server, _), side in zip(pair, sides):
            side.count_checked = check_count(row, server, reports[server])
        return result(row, count, sides, next(iter(self.tls_seen)))

    def measure_memory(self, row):
        num = 50 if self.options.smoke else self.options.idle
        sides = (Side(row.floor), Side("apnslab" if self.with_product else row.floor))
        for _ in range(1 if self.options.smoke else self.options.idle_rounds):
            for side, start in zip(sides, (self.start_floor, self.start_b)):
                server = start(row)
                side.samples.append(Sample(self.hold_idle(row, server, num)))
                server.stop()
        return result(row, num, sides, f"TLS {row.tls}")

    def hold_idle(self, row, server, num):
        """Opens `num` connections and gives the user memory each of them costs, in KB."""
        before = server.rss_anon_kb()
        client = self.start_client(self.client_command(row.client, server, "--idle", num),
                                   stdin=subprocess.PIPE)
        try:
            opened = client.stdout.readline()  # ends, at worst, with the client
            held_kb = server.rss_anon_kb() - before
            output, errors = client.communicate(timeout=CLIENT_SECONDS)  # ends its input
        finally:
            client.kill()
            client.wait()
        if client.returncode != 0:
            lost = last_json_object(output).get("lost")
            raise CheckError(f"row {row.number}: against {server.name}: "
                             + (f"{lost} of {num} idle connections were lost." if lost
                                else errors.strip()))
        assert json.loads(opened)["opened"] == num
        return held_kb / num

    def measure(self, row):
        return self.measure_memory(row) if row.number == 10 else self.measure_cpu(row)


def check_count(row, server, report):
    """True when the server's own count is there and right."""
    keys = ("handshakes", "connections") if row.number == 9 else ("frames", "accepted")
    counted = next((report[name] for name in keys if name in report), None)
    if counted is None:
        return False
    if counted != server.num_sent:
        raise CheckError(f"row {row.number}: {server.name} counted {counted} {keys[0]}, "
                         f"and {server.num_sent} were sent.")
    if any(report.get(fault, 0) for fault in FAULTS):
        raise CheckError(f"row {row.number}: {server.name} found fault with what was sent: "
                         f"{report}.")
    return True


def result(row, count, sides, tls):
    ratios = [b.value / a.value for a, b in zip(sides[0].samples, sides[1].samples)]
    return {"row": row.number, "title": row.title, "unit": row.unit, "tls": tls, "count": count,
            "floor": sides[0].to_json(), "measured": sides[1].to_json(),
            "ratio": {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios),
                      "rounds": len(ratios)},
            "target": row.target, "gated": row.gated}


# ------------------------------------------------------------------------------------ the reporting


def header_lines(header):
    keys = ("machine", "cores", "load", "openssl", "compiler", "flags", "commit", "runs", "b")
    return [*(f"{key:<9} {header[key]}" for key in keys), "",
            f"{'row':<38}{'unit':<15}{'A: floor':>9}{'B':>9}   {'B/A (min to max)':<24}"
            f"{'target':<9}busier end, rate (of B)"]


def row_lines(row):
    a, b, ratio = row["floor"], row["measured"], row["ratio"]
    spread = f"{ratio['median']:.2f} ({ratio['min']:.2f} to {ratio['max']:.2f})"
    unit = "x" if row["gated"] else row["unit"].split("/")[0]
    target = f"{row['target']:g} {unit}"
    line = (f"{row['row']:>2}  {row['title']:<34}{row['unit']:<15}{a['median']:>9.1f}"
            f"{b['median']:>9.1f}   {spread:<24}{target:<9}{describe_load(b)}")
    return [line.rstrip(),
            *(f"    {side['server']} gave no count: what it received is not checked."
              for side in (a, b) if not side["count_checked"])]


def describe_load(side):
    """Which end was busier while B was measured, and the rate they reached."""
    if not side["rate"]:
        return ""
    ends = {"server": side["server_busy"], "client": side["client_busy"]}
    busier = max(ends, key=ends.get)
    return f"{busier} {ends[busier]:.0%}, {side['rate']:,.0f}/s"


def rows_above_gate(rows):
    return [row["row"] for row in rows
            if row["gated"] and row["ratio"]["median"] > row["target"] * GATE_HEADROOM]


# --------------------------------------------------------------------------------------- the script


def positive(kind):
    def parse(text):
        value = kind(text)
        if value <= 0:
            raise ValueError
        return value
    parse.__name__ = f"positive {kind.__name__}"
    return parse


def parse_options(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release",
                        help="build folder (default: build/release)")
    parser.add_argument("--rows", default="6,7,8,9,10", help="default: %(default)s")
    parser.add_argument("--rounds", type=positive(int), default=7, help="default: %(default)s")
    parser.add_argument("--cpu", type=positive(float), default=0.5,
                        help="least CPU a sample, in seconds (default: %(default)s)")
    parser.add_argument("--idle", type=positive(int), default=10_000,
                        help="connections of row 10 (default: %(default)s)")
    parser.add_argument("--idle-rounds", type=positive(int), default=3,
                        help="rounds of row 10, each with fresh servers (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE",
                        help="also writes the results; - is standard output")
    parser.add_argument("--gate", action="store_true",
                        help=f"exit 1 when a CPU ratio is above {GATE_HEADROOM} times its target")
    parser.add_argument("--self-test", action="store_true", help="floor against floor")
    parser.add_argument("--smoke", action="store_true",
                        help="one short round that checks counts and prints no figures")
    options = parser.parse_args(words)
    known = {str(row.number): row for row in ROWS}
    unknown = [name for name in options.rows.split(",") if name not in known]
    if unknown:
        parser.error(f"--rows: there is no row {unknown[0]}; rows: {', '.join(known)}")
    options.rows = [known[name] for name in options.rows.split(",")]
    if options.smoke:
        options.rounds = 1
    return options


def run(options):
    build = Build.read(options.build)
    with_product = build.program("apnslab").exists() and not options.self_test
    for name in ("floor_sink", "floor_sender", "floor_handshake",
                 *(("binary_sender",) if with_product else ())):
        if not build.program(name).exists():
            raise SetupError(f"{build.program(name)} is not built. Build the target {name}.")
    if not options.smoke:
        build.refuse_unless_optimised(with_product)
    if options.gate and not with_product and not options.self_test:
        raise SetupError(f"{build.program('apnslab')} is not built, so there is nothing to gate.")
    header = make_header(build)
    header["runs"] = (
        f"{options.rounds} rounds A B after a warm-up, at least {options.cpu} s of CPU a sample; "
        f"memory {options.idle_rounds} rounds of {options.idle} connections")
    header["b"] = ("apnslab serve --sink; row 8: binary_sender" if with_product
                   else "the floor again (self-test)")
    # Results that go to standard output take the table's place there.
    table = sys.stderr if options.json == "-" else sys.stdout

    def say(lines):
        if not options.smoke:
            print(*lines, sep="\n", file=table, flush=True)

    rows = []
    with tempfile.TemporaryDirectory(prefix="apnslab-bench-") as folder:
        bench = Bench(options, build, Path(folder), with_product)
        try:
            bench.prepare()
            say(header_lines(header))
            for row in options.rows:
                rows.append(bench.measure(row))
                say(row_lines(rows[-1]))
        finally:
            bench.abandon_servers()  # a row that went well has ended its own
    if options.smoke:
        print(f"smoke: rows {', '.join(str(row['row']) for row in rows)} ran, all counts are right")
        return 0
    if options.json:
        write_results({**header, "rows": rows}, options.json)
    above = rows_above_gate(rows) if options.gate else []
    if above:
        print(f"measure.py: above {GATE_HEADROOM} times the target: row "
              f"{', '.join(map(str, above))}", file=sys.stderr)
    return 1 if above else 0


def write_results(results, name):
    text = json.dumps(results, indent=1) + "\n"
    if name == "-":
        sys.stdout.write(text)
        return
    try:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    except OSError as error:
        raise SetupError(f"{name} cannot be written: {error.strerror}.") from None


def main():
    try:
        return run(parse_options(sys.argv[1:]))
    except SetupError as error:
        print(f"measure.py: {error}", file=sys.stderr)
        return 2
    except CheckError as error:
        print(f"measure.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
