#!/usr/bin/python3
"""Measures the HTTP/2 provider beside h2load: CPU per request of the client.

  m=N    POST of 154 bytes to 64 device tokens, one connection, N streams at once, client certificate
         (http2_sender) or none (h2load), provider token on both

Both send to the same `apnslab serve --sink`, which lives on one core, and they on the other; they take
turns (A B A B ...), and the result is the median of the round-by-round ratios. CPU is that of the whole
process, its start and its handshake too. Every answer is checked: each side counts those with 200, and
so does the service. h2load: Debian's nghttp2-client.

Exit: 0 measured, 1 an answer is wrong, 2 usage or set-up.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no cache folder in the source tree
from http2 import Http2Bench, check_setup  # noqa: E402
from measure import (CLIENT_SECONDS, Row, Sample, Side, header_lines, positive, result,  # noqa: E402
                     row_lines, write_results)
from provenance import ROOT, Build, SetupError, first_line, make_header  # noqa: E402
from server_process import CheckError  # noqa: E402


def provider_row(streams):
    return Row(4, f"HTTP/2 provider, m={streams}", "ns/request", "h2load", "1.3", 0.4, True,
               ("http2_sender", f"--streams {streams}"), 20_000)


class ProviderBench(Http2Bench):
    def send(self, server, streams, count):
        """The seconds that http2_sender took for `count` notifications; all are sent."""
        command = [self.build.program("http2_sender"), "--port", server.port, "--count", count,
                   "--streams", streams, "--provider-token", self.provider_token]
        started = time.monotonic()
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                                  timeout=CLIENT_SECONDS, check=False, preexec_fn=self.pin_client)
        except subprocess.TimeoutExpired:
            raise CheckError(f"http2_sender was not done after {CLIENT_SECONDS} s.") from None
        server.num_sent += count
        report = json.loads(done.stdout) if done.returncode == 0 else {}
        if report.get("sent") != count:
            raise CheckError(f"http2_sender: {done.stdout}{done.stderr}")
        self.tls_seen.add(f"{report['tls']} {report['cipher']}")
        return time.monotonic() - started

    def take_client_sample(self, load, server, streams, count):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        server_before = server.cpu_ns()
        wall_s = load(server, streams, count)
        server_s = (server.cpu_ns() - server_before) / 1e9
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        return Sample(cpu_s * 1e9 / count, cpu_s, count / wall_s, min(server_s / wall_s, 1.0),
                      min(cpu_s / wall_s, 1.0))

    def measure_provider(self, streams):
        self.tls_seen.clear()
        server = self.start_product()
        loads = (self.h2load, self.send)
        sides = (Side("h2load"), Side("http2_sender"))
        count = 1000 if self.options.smoke else self.options.requests
        for load in loads:
            load(server, streams, min(count, 20_000))  # warm-up
        for _ in range(self.options.rounds):
            for load, side in zip(loads, sides):
                side.samples.append(self.take_client_sample(load, server, streams, count))
        if len({" ".join(seen.split()) for seen in self.tls_seen}) > 1:
            raise CheckError(f"m={streams}: the two sides chose different TLS: "
                             f"{', '.join(sorted(self.tls_seen))}.")
        self.stop_product(server)
        return result(provider_row(streams), count, sides, next(iter(self.tls_seen)))


def parse_options(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release",
                        help="build folder (default: build/release)")
    parser.add_argument("--streams", default="100,1000", metavar="M,...",
                        help="streams at once, a row each (default: %(default)s)")
    parser.add_argument("--rounds", type=positive(int), default=7, help="default: %(default)s")
    parser.add_argument("--requests", type=positive(int), default=500_000,
                        help="a sample (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="also writes the results")
    parser.add_argument("--smoke", action="store_true",
                        help="one short round that checks answers and prints no figures")
    options = parser.parse_args(words)
    try:
        options.streams = [int(word) for word in options.streams.split(",") if word]
    except ValueError:
        parser.error("--streams takes numbers, as 100,1000.")
    if options.smoke:
        options.rounds = 1
    options.mode = "sink"
    options.idle = 0
    return options


def run(options):
    build = Build.read(options.build)
    check_setup(options, build)
    if not build.program("http2_sender").exists():
        raise SetupError("http2_sender is not built. Build the target http2_sender.")
    header = make_header(build)
    header["h2load"] = first_line(["h2load", "--version"])
    header["runs"] = f"{options.rounds} rounds A B after a warm-up, {options.requests} requests a sample"
    header["b"] = "http2_sender"
    rows = []
    with tempfile.TemporaryDirectory(prefix="apnslab-bench-") as folder:
        bench = ProviderBench(options, build, Path(folder))
        try:
            bench.make_provider_token()
            bench.start_product().stop()  # makes the certificates
            if not options.smoke:
                print(*header_lines(header), sep="\n", flush=True)
            for streams in options.streams:
                rows.append(bench.measure_provider(streams))
                if not options.smoke:
                    print(*row_lines(rows[-1]), sep="\n", flush=True)
        finally:
            bench.abandon_servers()  # what went well has ended its own
    if options.smoke:
        print("smoke: every request was answered with 200")
    elif options.json:
        write_results({**header, "rows": rows}, options.json)
    return 0


def main():
    try:
        return run(parse_options(sys.argv[1:]))
    except SetupError as error:
        print(f"http2_provider.py: {error}", file=sys.stderr)
        return 2
    except CheckError as error:
        print(f"http2_provider.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
