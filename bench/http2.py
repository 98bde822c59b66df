#!/usr/bin/python3
"""Measures `apnslab serve` over HTTP/2 beside nghttpd: CPU per request, and memory of idle connections.

--mode sink measures the service with all its checks (`serve --sink`), --mode null what carries HTTP/2
and does nothing else (`serve --null`).

Rows:
  m=N    h2load -c1 -mN, POST of 154 bytes to 64 device tokens,     CPU per request, ratio to nghttpd
         provider token
  idle   connections with one request answered, client certificate  user memory, beside a bare
                                                                    OpenSSL server (floor_handshake)

Both servers live on one core and h2load on another; they take turns (A B A B ...), and the result is
the median of the round-by-round ratios. Every answer is checked: h2load counts those with 2xx, and
the service counts its requests. nghttpd, h2load: Debian's nghttp2-server, nghttp2-client.

Exit: 0 measured, 1 an answer is wrong or (--gate) a ratio is too high, 2 usage or set-up.
"""

import argparse
import json
import os
import re
import resource
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no cache folder in the source tree
from measure import (CALIBRATION_SECONDS, CLIENT_SECONDS, GATE_HEADROOM, Row, Sample,  # noqa: E402
                     Side, header_lines, positive, result, row_lines, rows_above_gate,
                     write_results)
from provenance import ROOT, Build, SetupError, first_line, make_header  # noqa: E402
from server_process import CheckError, Server, last_json_object, product_credentials  # noqa: E402

BODY = b'{"aps":{"alert":"%s"}}' % (b"x" * 134)
assert len(BODY) == 154
CIPHER = "TLS_AES_128_GCM_SHA256"  # of both sides; each has another favourite
TOKENS = [f"{number * 0x9E3779B97F4A7C15 % 2**256:064x}" for number in range(1, 65)]
FIELDS = {
    "apns-topic": "com.example.app",
    "apns-push-type": "alert",
    "apns-priority": "10",
}
IDLE_ROW = Row(10, "HTTP/2, idle, user memory", "KB/connection", "floor_handshake", "1.3", 26.0,
               False, (), 0)


def cpu_row(mode, streams):
    # The targets of the whole service (docs/performance.md): what checks nothing is below them.
    return Row(1 if streams <= 100 else 2, f"HTTP/2 --{mode}, m={streams}", "ns/request", "nghttpd",
               "1.3", 0.5 if streams <= 100 else 0.3, True, ("h2load", "-c1", f"-m{streams}"),
               20_000)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Http2Bench:
    def __init__(self, options, build, folder):
        self.options = options
        self.build = build
        self.folder = folder
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.client_core = cores[0], cores[min(1, len(cores) - 1)]
        self.servers = []
        self.state = folder / "state"
        self.credentials = product_credentials(self.state)
        self.body = folder / "body"
        self.body.write_bytes(BODY)
        self.htdocs = folder / "htdocs"
        (self.htdocs / "3/device").mkdir(parents=True)
        for token in TOKENS:  # an empty answer
            (self.htdocs / "3/device" / token).touch()
        self.tls_seen = set()
        self.provider_token = ""

    def abandon_servers(self):
        for server in self.servers:
            server.abandon()
        self.servers.clear()

    def _started(self, server, read_port):
        self.servers.append(server)
        server.wait_for_port(read_port)
        return server

    def make_provider_token(self):
        """Before servers start: the folder is theirs then."""
        made = subprocess.run([self.build.program("apnslab"), "certs", "--provider-token", "--state",
                               self.state], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise SetupError(f"apnslab certs --provider-token: {made.stderr}")
        self.provider_token = made.stdout.strip()

    def start_product(self):
        ready = self.folder / f"ready-{time.monotonic_ns()}.json"
        command = [self.build.program("apnslab"), "serve", f"--{self.options.mode}", "--port", "0", "--ready-file",
                   ready, "--state", self.state, "--threads", "1", "--json"]

        def read_port():
            try:
                return int(json.loads(ready.read_text())["http2_port"])
            except (OSError, ValueError):
                return 0  # not there, or half written

        return self._started(Server("apnslab", command, self.server_core, self.folder), read_port)

    def start_nghttpd(self):
        """At its best: one worker, no log, windows and streams wide open."""
        port = free_port()
        command = ["nghttpd", "-a", "127.0.0.1", "-n1", "-m1000", "-W24", "-d", self.htdocs, port,
                   self.credentials.server_key, self.credentials.server_cert]

        def read_port():
            with socket.socket() as probe:
                return port if probe.connect_ex(("127.0.0.1", port)) == 0 else 0

        return self._started(Server("nghttpd", command, self.server_core, self.folder), read_port)

    # ---- CPU

    def pin_client(self):
        os.sched_setaffinity(0, {self.client_core})

    def h2load(self, server, streams, count):
        """The seconds that `count` requests took; all are answered with 2xx."""
        uris = self.folder / f"uris-{server.port}"
        uris.write_text("".join(f"https://127.0.0.1:{server.port}/3/device/{token}\n"
                                for token in TOKENS))
        command = ["h2load", "-c1", f"-m{streams}", f"-n{count}", "-d", self.body, "-i", uris,
                   "--tls13-ciphers", CIPHER]
        fields = {**FIELDS, "authorization": f"bearer {self.provider_token}"}
        for name, value in fields.items():
            command += ["-H", f"{name}: {value}"]
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                                  timeout=CLIENT_SECONDS, check=False, preexec_fn=self.pin_client)
        except subprocess.TimeoutExpired:
            raise CheckError(f"h2load was not done with {server.name} after {CLIENT_SECONDS} s."
                             ) from None
        server.num_sent += count
        if (done.returncode != 0 or f" {count} succeeded, 0 failed, 0 errored" not in done.stdout
                or f"status codes: {count} 2xx" not in done.stdout):
            raise CheckError(f"h2load against {server.name}: {done.stdout}{done.stderr}")
        self.tls_seen.add(" ".join(re.search(rf"^{key}: (.*)$", done.stdout, re.M)[1]
                                   for key in ("TLS Protocol", "Cipher")))
        took = re.search(r"^finished in ([\d.]+)(us|ms|s|min)", done.stdout, re.M)
        return float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}[took[2]]

    def take_sample(self, streams, server, count):
        before = server.cpu_ns()
        client_before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall_s = self.h2load(server, streams, count)
        client = resource.getrusage(resource.RUSAGE_CHILDREN)
        server_ns = server.cpu_ns() - before
        client_s = (client.ru_utime - client_before.ru_utime
                    + client.ru_stime - client_before.ru_stime)
        return Sample(server_ns / count, server_ns / 1e9, count / wall_s,
                      min(server_ns / 1e9 / wall_s, 1.0), min(client_s / wall_s, 1.0))

    def calibrate(self, streams, servers):
        """How many requests cost each side enough CPU, with a quarter to spare."""
        count = 20_000
        while not self.options.smoke:
            samples = [self.take_sample(streams, server, count) for server in servers]
            least = min(sample.cpu_s for sample in samples)
            if least >= self.options.cpu:
                break
            if max(count / sample.rate for sample in samples) > CALIBRATION_SECONDS:
                raise SetupError(f"m={streams}: this machine is too busy to measure on.")
            count = int(count * min(max(1.25 * self.options.cpu / max(least, 1e-6), 1.25), 20.0))
        return count

    def measure_cpu(self, streams):
        self.tls_seen.clear()
        servers = (self.start_nghttpd(), self.start_product())
        sides = tuple(Side(server.name) for server in servers)
        count = self.calibrate(streams, servers)
        for server in servers:
            self.take_sample(streams, server, count)  # warm-up
        for _ in range(self.options.rounds):
            for server, side in zip(servers, sides):
                side.samples.append(self.take_sample(streams, server, count))
        if len(self.tls_seen) > 1:
            raise CheckError(f"m={streams}: the two sides chose different TLS: "
                             f"{', '.join(sorted(self.tls_seen))}.")
        servers[0].abandon()  # it counts nothing; h2load has
        self.stop_product(servers[1])
        return result(cpu_row(self.options.mode, streams), count, sides, next(iter(self.tls_seen)))

    def stop_product(self, server):
        report = server.stop()
        if self.options.mode == "null":
            wanted = {"requests": server.num_sent, "resets": 0, "violations": {}, "bounds": {}}
        else:
            wanted = {"accepted": server.num_sent, "rejected": 0, "discarded": 0, "not_json": 0}
        found = {key: report.get(key) for key in wanted}
        if found != wanted:
            raise CheckError(f"apnslab counted {found}, expected {wanted}.")

    # ---- Many requests

    def soak(self, count):
        """`count` requests, m=1000: user memory before, and after; rate."""
        server = self.start_product()
        self.h2load(server, 1000, min(count, 100_000))
        before = server.rss_anon_kb()
        wall_s = self.h2load(server, 1000, count)
        after = server.rss_anon_kb()
        self.stop_product(server)
        return {"requests": count, "answered_2xx": count, "seconds": wall_s,
                "rate": count / wall_s, "rss_anon_kb_before": before, "rss_anon_kb_after": after}

    # ---- Memory

    def start_floor(self):
        keys = self.credentials
        server = Server("floor_handshake", [
            self.build.program("floor_handshake"), "serve", "--cert", keys.server_cert, "--key",
            keys.server_key, "--tls", "1.3", "--ca", keys.ca, "--hold"],
            self.server_core, self.folder)
        return self._started(
            server, lambda: last_json_object(server.output.read_text()).get("port", 0))

    def hold(self, server, num, request):
        """KB of user memory that each of `num` connections costs the server."""
        before = server.rss_anon_kb()
        context = ssl.create_default_context(cafile=self.credentials.ca)
        context.load_cert_chain(self.credentials.client_cert, self.credentials.client_key)
        context.set_alpn_protocols(["h2"])
        held = [open_idle(context, server.port, request) for _ in range(num)]
        held_kb = server.rss_anon_kb() - before
        for client in held:
            client.close()
        if request:
            server.num_sent += num
        return held_kb / num

    def measure_idle(self):
        num = 50 if self.options.smoke else self.options.idle
        starts = (self.start_floor, self.start_product)
        sides = (Side("floor_handshake"), Side("apnslab"))
        for _ in range(1 if self.options.smoke else self.options.idle_rounds):
            for start, side in zip(starts, sides):
                server = start()
                is_product = server.name == "apnslab"
                side.samples.append(Sample(self.hold(server, num, is_product)))
                self.stop_product(server) if is_product else server.stop()
        return result(IDLE_ROW, num, sides, "TLS 1.3")


# ---- An HTTP/2 client that is done after one request, by hand: RFC 9113, RFC 7541.


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(first, *texts):
    """First byte and plain strings of less than 127 bytes."""
    return bytes([first]) + b"".join(bytes([len(text)]) + text.encode() for text in texts)


def first_request():
    """Preface, SETTINGS and their ACK, one POST whose fields but the path are to be indexed."""
    block = b"\x83\x87" + literal(0x04, f"/3/device/{TOKENS[0]}") + literal(0x41, "localhost")
    block += literal(0x40, "apns-topic", "com.example.app")
    block += literal(0x40, "apns-push-type", "alert")
    return (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(4, 1, 0, b"")
            + frame(1, 4, 1, block) + frame(0, 1, 1, BODY))


def open_idle(context, port, with_request):
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60),
                                 server_hostname="localhost")
    if with_request:
        client.sendall(first_request())
        reader = client.makefile("rb")
        while True:
            header = reader.read(9)
            if len(header) < 9:
                raise CheckError("apnslab ended a connection before it answered.")
            payload = reader.read(int.from_bytes(header[:3], "big"))
            if header[3] == 1:  # HEADERS
                if header[8] != 1 or payload[0] != 0x88:  # stream 1, ":status 200"
                    raise CheckError(f"apnslab's answer is {payload.hex()}.")
                return client
    return client


# ---- The script.


def parse_options(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release",
                        help="build folder (default: build/release)")
    parser.add_argument("--mode", choices=("sink", "null"), default="sink",
                        help="of apnslab serve (default: %(default)s)")
    parser.add_argument("--streams", default="100,1000", metavar="M,...",
                        help="streams at once, a row each; empty: none (default: %(default)s)")
    parser.add_argument("--rounds", type=positive(int), default=7, help="default: %(default)s")
    parser.add_argument("--cpu", type=positive(float), default=0.5,
                        help="least CPU a sample, in seconds (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=0,
                        help="also so many in a row, m=1000, all answers right, memory flat")
    parser.add_argument("--idle", type=int, default=10_000,
                        help="idle connections; 0: none (default: %(default)s)")
    parser.add_argument("--idle-rounds", type=positive(int), default=3,
                        help="rounds of these, with fresh servers (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE",
                        help="also writes the results; - is standard output")
    parser.add_argument("--gate", action="store_true",
                        help=f"exit 1 when a CPU ratio is above {GATE_HEADROOM} times its target")
    parser.add_argument("--smoke", action="store_true",
                        help="one short round that checks answers and prints no figures")
    options = parser.parse_args(words)
    try:
        options.streams = [int(word) for word in options.streams.split(",") if word]
    except ValueError:
        parser.error("--streams takes numbers, as 100,1000.")
    if options.smoke:
        options.rounds = 1
    return options


def check_setup(options, build):
    programs = [build.program("apnslab"), *([build.program("floor_handshake")] * bool(options.idle))]
    for program in programs:
        if not program.exists():
            raise SetupError(f"{program} is not built. Build the target {program.name}.")
    for program in ("nghttpd", "h2load"):
        if not first_line([program, "--version"]):
            raise SetupError(f"{program} is not installed: Debian's nghttp2-server, "
                             "nghttp2-client.")
    if not options.smoke:
        build.refuse_unless_optimised(True)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if options.idle + 100 > hard:
        raise SetupError(f"{options.idle} connections need more than the {hard} descriptors that "
                         "are allowed here (ulimit -n).")


def run(options):
    build = Build.read(options.build)
    check_setup(options, build)
    header = make_header(build)
    header["nghttpd"] = first_line(["nghttpd", "--version"])
    header["runs"] = (
        f"{options.rounds} rounds A B after a warm-up, at least {options.cpu} s of CPU a sample; "
        f"memory {options.idle_rounds} rounds of {options.idle} connections")
    header["b"] = f"apnslab serve --{options.mode}"
    table = sys.stderr if options.json == "-" else sys.stdout

    def say(lines):
        if not options.smoke:
            print(*lines, sep="\n", file=table, flush=True)

    rows = []
    soak = None
    with tempfile.TemporaryDirectory(prefix="apnslab-bench-") as folder:
        bench = Http2Bench(options, build, Path(folder))
        try:
            bench.make_provider_token()
            bench.start_product().stop()  # makes the certificates
            say(header_lines(header))
            for streams in options.streams:
                rows.append(bench.measure_cpu(streams))
                say(row_lines(rows[-1]))
            if options.idle:
                rows.append(bench.measure_idle())
                say(row_lines(rows[-1]))
            if options.requests:
                soak = bench.soak(options.requests)
                say([f"{soak['requests']:,} requests, m=1000: all answered with 2xx, "
                     f"{soak['rate']:,.0f}/s; user memory {soak['rss_anon_kb_before']} KB before, "
                     f"{soak['rss_anon_kb_after']} KB after"])
        finally:
            bench.abandon_servers()  # what went well has ended its own
    if options.smoke:
        print("smoke: every request was answered with 200")
        return 0
    if options.json:
        write_results({**header, "rows": rows, **({"soak": soak} if soak else {})}, options.json)
    above = rows_above_gate(rows) if options.gate else []
    if above:
        print(f"http2.py: above {GATE_HEADROOM} times the target: row "
              f"{', '.join(map(str, above))}", file=sys.stderr)
    return 1 if above else 0


def main():
    try:
        return run(parse_options(sys.argv[1:]))
    except SetupError as error:
        print(f"http2.py: {error}", file=sys.stderr)
        return 2
    except CheckError as error:
        print(f"http2.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
