#!/usr/bin/env python3
"""`apnslab exec --as-apple`: Apple's hosts and ports, for CMD alone.

usage: exec_as_apple.py APNSLAB self|nobody

nobody: as an ordinary user, who gets a network of its own; needs root to become one.
"""
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import exec_support
from exec_support import SECONDS, Exec, connect, events, expect, expect_in, frame

HERE = os.path.abspath(__file__)
NOBODY = 65534
SKIPPED = 77
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
HOSTS = {"production": ("gateway.push.apple.com", "feedback.push.apple.com"),
         "development": ("gateway.sandbox.push.apple.com", "feedback.sandbox.push.apple.com")}
GONE = "fa11feed" + "0" * 56
BYTES = 5_000_000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 38, 22


def read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


# ---- What runs as CMD ----

def push_and_poll():
    """Pushes to both gateways, to a phone whose app is gone only in production; polls both lists until it is there."""
    ca = BUNDLE if os.path.exists(BUNDLE) else os.environ["APNSLAB_CA_FILE"]
    for environment, token in (("production", GONE), ("development", os.environ["APNSLAB_DEVICE_TOKEN_DEVELOPMENT"])):
        with connect(HOSTS[environment][0], 2195, ca) as gateway:
            gateway.sendall(frame(1, token))
    tuples = b""
    while not tuples:
        with connect(HOSTS["production"][1], 2196, ca) as feedback:
            tuples = read_all(feedback)
    with connect(HOSTS["development"][1], 2196, ca) as feedback:
        print(tuples[6:].hex(), read_all(feedback))


def show_names():
    with open("/proc/self/status", encoding="utf-8") as lines:
        status = lines.read()
    names = [*HOSTS["production"], *HOSTS["development"], "api.push.apple.com", "api.sandbox.push.apple.com",
             "api.development.push.apple.com", "localhost"]
    found = {name: socket.getaddrinfo(name, 443, socket.AF_INET, socket.SOCK_STREAM)[0][4][0] for name in names}
    try:
        socket.create_connection(("api.push.apple.com", 443), SECONDS)
        reached = "connected"
    except OSError as error:
        reached = os.strerror(error.errno)
    print(json.dumps([found, reached, os.getuid(), os.getgid(), re.findall("Cap(?:Prm|Eff):.*", status)]))


def talk_to(port):
    """Sends much, ends, and hashes what comes back; then the length."""
    with socket.create_connection(("127.0.0.1", int(port)), SECONDS) as connection:
        sender = threading.Thread(target=lambda: (connection.sendall(b"x" * BYTES), connection.shutdown(socket.SHUT_WR)))
        sender.start()
        back = read_all(connection)
        sender.join()
    print(hashlib.sha256(back).hexdigest(), len(back))


def reach(port):
    try:
        with socket.create_connection(("127.0.0.1", int(port)), SECONDS) as connection:
            print(repr(read_all(connection)))
    except OSError as error:
        print(os.strerror(error.errno))


# ---- The tests ----

class Echo:
    """A service of the machine: answers each connection with what it sent, once that has ended."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.listener.getsockname()[1])
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection = self.listener.accept()[0]
            with connection:
                connection.sendall(read_all(connection) + b"!")


def test_environments(run, _):
    ledger = os.path.join(run.folder, "ledger.jsonl")
    code, out, err = run.run("--as-apple", "--ledger", ledger, "--", "python3", run.script, "--push-and-poll")
    expect("feedback", (code, out), (0, GONE + " b''\n"))
    expect_in("closing line", "apnslab: 2 notifications: 2 accepted; 1 feedback tuple read", err)
    expect("gateways", [(event["environment"], event["device_token"]) for event in events(ledger, "notification")],
           [("production", GONE), ("development", "d1" * 32)])
    reads = [(event["environment"], event["tuples"]) for event in events(ledger, "feedback")
             if event["outcome"] == "read"]
    expect("lists", reads[-2:], [("production", 1), ("development", 0)])


def test_names(run, own_network):
    before = files()
    code, out, _ = run.run("--as-apple", "--", "python3", run.script, "--names")
    expect("code", code, 0)
    found, reached, uid, gid, capabilities = json.loads(out)
    expect("localhost", found.pop("localhost"), "127.0.0.1")
    expect("an address each", len(set(found.values())), len(found))
    expect("loopback", {address[:7] for address in found.values()}, {"127.87."})
    expect("api.push.apple.com", reached, "connected")
    expect("user", (uid, gid), (NOBODY, NOBODY) if run.prefix else (os.getuid(), os.getgid()))
    outside = json.loads(run.run("--", "python3", run.script, "--capabilities")[1])
    expect("capabilities", capabilities, outside)
    if own_network and uid != 0:
        expect("none left", [int(line.split()[1], 16) for line in capabilities], [0, 0])
    expect("outside nothing has changed", files(), before)


def files():
    texts = []
    for name in ("/etc/hosts", "/etc/nsswitch.conf", BUNDLE):
        if os.path.exists(name):
            with open(name, "rb") as file:
                texts.append(file.read())
    return texts


def test_one_in_another(run, _):
    """Each CMD has its own service at the same names."""
    inner = run.words("--as-apple", "--", "python3", run.script, "--push-and-poll")[len(run.prefix):]
    code, out, err = run.run("--as-apple", "--", *inner)
    expect("feedback", (code, out), (0, GONE + " b''\n"))
    expect_in("inside", "apnslab: 2 notifications: 2 accepted", err)
    expect("outside", err.splitlines()[-1], "apnslab: 0 notifications: no provider connected")


def test_forward(run, own_network):
    echo = Echo()
    closed = socket.create_server(("127.0.0.1", 0))
    nobody = str(closed.getsockname()[1])
    closed.close()
    forward = ["--as-apple", "--forward", echo.port, "--forward", nobody, "--", "python3", run.script]
    whole = b"x" * BYTES + b"!"
    code, out, err = run.run(*forward, "--talk-to", echo.port)
    expect("both ways", (code, out), (0, f"{hashlib.sha256(whole).hexdigest()} {len(whole)}\n"))
    expect("said as root", "--forward is not needed as root" in err, not own_network)
    refused = "Connection reset by peer\n" if own_network else "Connection refused\n"
    expect("nobody listens", run.run(*forward, "--reach", nobody)[1], refused)
    if own_network:
        out = run.run("--as-apple", "--", "python3", run.script, "--reach", echo.port)[1]
        expect("not forwarded", out, "Connection refused\n")
    if own_network:
        out = run.run("--as-apple", "--forward", echo.port, "--forward", echo.port, "true")
        expect("twice", out[0], 125)
        expect_in("twice", f"--forward {echo.port}: Address already in use. Give each port once", out[2])
    expect("no helper is left", processes_with(run.folder), [])


def test_killed(run, _):
    """Nothing outlives a killed apnslab but CMD, which ends with its input."""
    process = run.start("--as-apple", "--forward", "9", "sh", "-c", "echo ready; read forever",
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    expect("it runs", process.stdout.readline(), "ready\n")
    for pid in processes_with(run.folder):  # setpriv becomes apnslab; the others are not ours to tell
        if pid == process.pid:
            os.kill(pid, signal.SIGKILL)
    process.wait(SECONDS)
    process.stdin.close()
    expect("its output has ended", process.stdout.read(), "")
    deadline = time.monotonic() + SECONDS
    while left := processes_with(run.folder):
        if time.monotonic() > deadline:
            sys.exit(f"FAIL: still there: {left}")
        time.sleep(0.01)
    for name in os.listdir(run.folder):
        if name.startswith("apnslab-exec"):
            shutil.rmtree(os.path.join(run.folder, name))


def processes_with(folder):
    """Those whose command line has the program in `folder`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if os.path.join(folder, "apnslab").encode() in words:
            found.append(int(pid))
    return found


def test_forbidden(run, own_network):
    """Where a filter refuses unshare(2), as containers do: what to do instead."""
    code, out, err = run.run("--as-apple", "--", "echo", "no", preexec_fn=refuse_unshare)
    expect("code", (code, out), (125, ""))
    what = "names and network" if own_network else "names"
    expect_in("why", f"apnslab exec: this system lets CMD have no {what} of its own (unshare: Operation not permitted)."
              " Run without --as-apple and let your program take host and port from the APNSLAB_* variables; or", err)


def refuse_unshare():
    number = {"x86_64": 272, "aarch64": 97}[os.uname().machine]
    load, jump_if_equal, answer = 0x20, 0x15, 0x06
    filters = b"".join(struct.pack("HBBI", *one) for one in (
        (load, 0, 0, 0), (jump_if_equal, 0, 1, number), (answer, 0, 0, 0x00050001), (answer, 0, 0, 0x7FFF0000)))

    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filters", ctypes.c_char_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(4, filters)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program)) != 0:
        raise OSError(ctypes.get_errno(), "no filter")


def has_admin_rights():
    with open("/proc/self/status", encoding="utf-8") as lines:
        return int(re.search("CapEff:\\s*(\\w+)", lines.read())[1], 16) >> 21 & 1 == 1


def main(program, who):
    if who == "nobody" and os.getuid() != 0:
        print("skipped: only root can become nobody; the other test has shown what an ordinary user gets")
        sys.exit(SKIPPED)

    def test(folder):
        # Wherever the sources are, nobody can read this.
        for source in (program, HERE, exec_support.__file__):
            shutil.copy(source, folder)
        prefix = []
        if who == "nobody":
            os.chown(folder, NOBODY, NOBODY)
            prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        run = Exec(os.path.join(folder, "apnslab"), folder, prefix)
        run.script = os.path.join(folder, os.path.basename(HERE))
        own_network = who == "nobody" or not has_admin_rights()
        tests = (test_forbidden, test_names, test_environments, test_one_in_another, test_forward, test_killed)
        for one in tests:
            one(run, own_network)
            print(f"{one.__name__}: ok")

    exec_support.in_temporary_folder(test)


def show_capabilities():
    with open("/proc/self/status", encoding="utf-8") as lines:
        print(json.dumps(re.findall("Cap(?:Prm|Eff):.*", lines.read())))


COMMANDS = {"--push-and-poll": push_and_poll, "--names": show_names, "--talk-to": talk_to, "--reach": reach,
            "--capabilities": show_capabilities}
COMMANDS.get(sys.argv[1], lambda *words: main(sys.argv[1], *words))(*sys.argv[2:])
