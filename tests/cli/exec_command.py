#!/usr/bin/env python3
"""`apnslab exec`: what CMD is given, and what is said of it at the end.

usage: exec_command.py APNSLAB
"""
import json
import os
import re
import resource
import socket
import subprocess
import sys

import exec_support
from exec_support import Exec, events, expect, expect_in, frame

HERE = os.path.abspath(__file__)


def test_codes(run):
    for words, code in [(["true"], 0), (["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill -KILL $$"], 137),
                        (["sh", "-c", "kill -TERM $$"], 143)]:
        ended = run.run("--", *words)
        expect(words, ended, (code, "", "apnslab: 0 notifications: no provider connected\n"))
    expect("quiet", run.run("--quiet", "true"), (0, "", ""))

    plain = run.file("plain", "echo")
    taken = socket.create_server(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    for words, code, sentence in [
            ([], 125, "there is no command to run. Give one behind the options: apnslab exec -- npm test"),
            (["--qiet", "true"], 125, "--qiet is not an option; did you mean --quiet?"),
            (["--fault", "nth=1", "--", "true"], 125, "nth=1"),
            (["--forward", "80", "true"], 125, "--forward goes with --as-apple only"),
            (["--as-apple", "--forward", "http", "true"], 125, '--forward must be a port from 1 to 65535, not "http".'),
            (["--ledger", "/nowhere/at/all", "true"], 125, "--ledger /nowhere/at/all: No such file or directory."),
            (["--ledger", "/dev/full", "true"], 125, "--ledger /dev/full is not complete: No space left on device."),
            (["--gateway-port", port, "true"], 125, f"port {port} on 127.0.0.1 is in use (pid {os.getpid()}, "),
            (["apnslab-no-such-program"], 127, '"apnslab-no-such-program" was not found. Give the name of a program'),
            (["./no/such/program"], 127, '"./no/such/program" was not found, or what its first line names.'),
            ([plain], 126, f'"{plain}" cannot be run: Permission denied. Make it executable'),
            ([run.folder], 126, f'"{run.folder}" cannot be run: Permission denied.')]:
        found, out, err = run.run(*words)
        expect(words, (found, out), (code, ""))
        expect_in(words, "apnslab exec: ", err)
        expect_in(words, sentence, err)
    taken.close()
    broken = dict(run.environment, TMPDIR="/nowhere")
    expect_in("no place", "TMPDIR does not name one", run.run("true", env=broken)[2])


def test_words_are_not_ours(run):
    expect("behind --", run.run("--", "echo", "--quiet", "--", "-x")[:2], (0, "--quiet -- -x\n"))
    expect("without --", run.run("--quiet", "echo", "--help", "--port", "x"), (0, "--help --port x\n", ""))


def test_environment(run):
    code, out, _ = run.run("python3", "-c", "import json, os; print(json.dumps(dict(os.environ)))",
                           env=dict(run.environment, MINE="kept", APNSLAB_HOST="old"))
    given = json.loads(out)
    expect("code", code, 0)
    expect("inherited", given["MINE"], "kept")
    expect("replaced", given["APNSLAB_HOST"], "localhost")
    ports = [given[f"APNSLAB_{name}_PORT{environment}"] for name in ("GATEWAY", "FEEDBACK")
             for environment in ("", "_DEVELOPMENT")]
    expect("ports", len({int(port) for port in ports}), 4)
    expect("topic", given["APNSLAB_TOPIC"], "com.example.app")
    expect("device token", given["APNSLAB_DEVICE_TOKEN"], "a1" * 32)
    expect("trust of Node", given["NODE_EXTRA_CA_CERTS"], given["APNSLAB_CA_FILE"])
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        expect_in(name, "/ca-bundle.pem", given[name])
    expect("a folder of its own", given["APNSLAB_CA_FILE"].startswith(run.folder + "/apnslab-exec."), True)
    expect("Java", given.get("JAVA_TOOL_OPTIONS"), run.environment.get("JAVA_TOOL_OPTIONS"))

    expect("no secret", given.get("APNSLAB_SECRET"), run.environment.get("APNSLAB_SECRET"))
    ask = 'curl -s -o /dev/null -w "%{http_code} " "$APNSLAB_CONTROL_URL/info" '
    expect("the secret", run.run("--secret", "let me in", "sh", "-c",
                                 ask + '; ' + ask + '-H "Authorization: Bearer $APNSLAB_SECRET"')[1], "401 200 ")

    java = dict(run.environment, JAVA_TOOL_OPTIONS="-Xmx64m")
    out = run.run("--trust", "java", "sh", "-c", 'echo "$JAVA_TOOL_OPTIONS $APNSLAB_TRUSTSTORE_FILE"', env=java)[1]
    expect("Java is told", re.fullmatch(
        r"-Xmx64m -Djavax.net.ssl.trustStore=(\S+) -Djavax.net.ssl.trustStorePassword=apnslab "
        r"-Djavax.net.ssl.trustStoreType=PKCS12 \1\n", out) is not None, True)


def test_nothing_of_ours_is_inherited(run):
    show = ("import json, os, resource, re\n"
            "status = open('/proc/self/status').read()\n"
            "print(json.dumps([sorted(os.listdir('/proc/self/fd'))[:-1], re.findall(r'Sig(?:Blk|Ign):.*', status),"
            " resource.getrlimit(resource.RLIMIT_NOFILE)]))")
    reader, writer = os.pipe()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

    options = {"pass_fds": (writer,), "preexec_fn": limit}
    plain = json.loads(run_plain(["python3", "-c", show], run.environment, options))
    beside = json.loads(run.run("python3", "-c", show, **options)[1])
    expect("descriptors, signals and limits", beside, plain)
    os.close(reader)
    os.close(writer)


def run_plain(words, environment, options):
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, env=environment, stdin=subprocess.DEVNULL,
                          check=True, **options).stdout


def test_closing_line(run):
    ledger = os.path.join(run.folder, "ledger.jsonl")
    code, _, err = run.run("--ledger", ledger, "--fault", "nth=8: reject=8", "--", "python3", HERE, "--provider", "12")
    expect("code", code, 0)
    expect("one rejected", err.splitlines()[-1],
           "apnslab: 12 notifications: 7 accepted, 1 rejected (8 invalid token), 4 discarded")
    expect("whole ledger", [event["seq"] for event in ledger_of(ledger)], list(range(1, len(ledger_of(ledger)) + 1)))
    expect("outcomes", [event["outcome"] for event in events(ledger, "notification")],
           ["accepted"] * 7 + ["rejected"] + ["discarded"] * 4)

    # A provider that writes and is gone: all of it counts.
    for _ in range(5):
        expect("fire and forget", run.run("--", "python3", HERE, "--provider", "500")[2],
               "apnslab: 500 notifications: 500 accepted\n")

    out = run.run("--ledger", "-", "--quiet", "true")[1]
    expect("ledger on standard output", [json.loads(line)["event"] for line in out.splitlines()], ["device"] * 2)

    err = run.run("--", "sh", "-c", 'openssl s_client -connect localhost:$APNSLAB_GATEWAY_PORT </dev/null >/dev/null 2>&1')[2]
    expect_in("refused", "apnslab: 0 notifications; 1 connection refused (", err)


def ledger_of(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_fail_on(run):
    ledger = os.path.join(run.folder, "ledger.jsonl")
    provider = ["--", "python3", HERE, "--provider", "1", '{"aps":{"alert":"x","badge":"3"}}']
    broken = ("apnslab: the provider broke payload/badge-is-a-number (should): exit code 1 instead of 0 "
              "(--fail-on should).\n")
    line = "apnslab: 1 notification: 1 accepted; 1 violation (should), see "
    expect("no limit", run.run(*provider), (0, "", line + "--ledger\n"))
    expect("a higher level", run.run("--fail-on", "must", *provider), (0, "", line + "--ledger\n"))
    expect("fails", run.run("--fail-on", "should", "--ledger", ledger, *provider), (1, "", f"{line}{ledger}\n{broken}"))
    expect("quiet", run.run("--fail-on", "should", "--quiet", *provider), (1, "", broken))
    failed = ["--", "sh", "-c", f"python3 {HERE} --provider 1 '{provider[-1]}'; exit 9"]
    expect("its own code", run.run("--fail-on", "should", *failed), (9, "", line + "--ledger\n"))
    kept = run.run("--fail-on", "should", "--", "python3", HERE, "--provider", "1")
    expect("nothing broken", kept, (0, "", "apnslab: 1 notification: 1 accepted\n"))


def test_kept_state(run):
    state = os.path.join(run.folder, "state")
    show = ["--state", state, "--quiet", "sh", "-c", "cat $APNSLAB_CA_FILE; ls $(dirname $APNSLAB_CA_FILE)"]
    first = run.run(*show)
    expect("the same authority", run.run(*show), first)
    expect_in("while it runs", "ready.json", first[1])
    expect("ready.json goes with the service", os.path.exists(os.path.join(state, "ready.json")), False)


def provide(num, payload='{"aps":{"alert":"Hello"}}'):
    """In CMD: sends `num` notifications at once and ends."""
    connection = exec_support.connect("localhost", int(os.environ["APNSLAB_GATEWAY_PORT"]))
    connection.sendall(b"".join(frame(n + 1, payload=payload.encode()) for n in range(int(num))))
    connection.close()


def main(program):
    def test(folder):
        run = Exec(program, folder)
        for one in (test_codes, test_words_are_not_ours, test_environment, test_nothing_of_ours_is_inherited,
                    test_closing_line, test_fail_on, test_kept_state):
            one(run)
            print(f"{one.__name__}: ok")

    exec_support.in_temporary_folder(test)


if sys.argv[1] == "--provider":
    provide(*sys.argv[2:])
else:
    main(sys.argv[1])
