#!/usr/bin/env python3
"""The transcripts of docs/devices.md, run against a service of their own.

Usage: device_transcript.py APNSLAB DOCUMENT            compares; exits 1 if they are others
       device_transcript.py APNSLAB DOCUMENT --write    writes what was printed into the document

A block that begins with `apnslab device watch` runs while the next one does. Device tokens, times and durations may be
others, and so may the number of a connection.
"""

import difflib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request

BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.M | re.S)
MAIL = '{"aps":{"alert":{"title":"Mail","body":"3 new messages"},"badge":3}}'
NOW = "2025-11-25T10:14:03Z"


def masked(text):
    """What may be another one at every run is the same."""
    text = re.sub(r"[0-9a-f]{64,}", "TOKEN", text)
    text = re.sub(r"[0-9a-f]{4}…[0-9a-f]{4}", "TOKEN", text)
    text = re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "TIME", text)
    text = re.sub(r"\d+\.\d s\b|\d+ ms\b", "SPAN", text)
    text = re.sub(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", "ID", text)
    return re.sub(r"#\d+  com", "#N  com", text)


class Shell:
    """Runs the commands of blocks, apnslab being the one under test."""

    def __init__(self, apnslab, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin/apnslab").symlink_to(apnslab)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("APNSLAB_")}
        self.environment["PATH"] = f"{folder / 'bin'}:{self.environment['PATH']}"
        self.environment["XDG_STATE_HOME"] = str(folder)

    def start(self, command):
        return subprocess.Popen(shlex.split(command), cwd=self.folder, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        return self.start(command).communicate(timeout=30)[0]

    def run_block(self, block):
        commands = [line for line in block.splitlines() if line.startswith("$ ")]
        return "".join(f"{command}\n{self.run(command[2:])}" for command in commands)


def run_blocks(shell, blocks):
    """What each block is when it is run."""
    found = []
    for block in blocks:
        watching = found and isinstance(found[-1], tuple)
        if block.startswith("$ apnslab device watch"):
            command = block.splitlines()[0]
            process = shell.start(command[2:])
            found.append((command, process, process.stdout.readline()))
            continue
        text = shell.run_block(block)
        if watching:
            command, process, first_line = found.pop()
            found.append(f"{command}\n{first_line}{process.communicate(timeout=30)[0]}")
        found.append(text)
    return found


def freeze_clock(ready):
    url = json.loads(ready.read_text())["control_url"] + "/clock"
    body = json.dumps({"mode": "frozen", "now": NOW}).encode()
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT"), timeout=10).close()


def main():
    apnslab, document = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    text = document.read_text()
    blocks = BLOCK.findall(text)
    assert len(blocks) >= 3, "the transcripts are not where they were"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shell = Shell(apnslab, folder)
        (folder / "mail.json").write_text(MAIL)
        serve = subprocess.Popen(["apnslab", "serve", "--port", "0", "--json", "--ready-file", folder / "ready"],
                                 env=shell.environment, executable=apnslab, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            while not (folder / "ready").exists() and serve.poll() is None:
                pass
            freeze_clock(folder / "ready")
            found = run_blocks(shell, blocks)
        finally:
            serve.terminate()
            serve.wait(timeout=30)
    if sys.argv[3:] == ["--write"]:
        rest = iter(found)
        document.write_text(BLOCK.sub(lambda _: next(rest), text))
        return 0
    differences = [line for wanted, got in zip(blocks, found)
                   for line in difflib.unified_diff(masked(wanted).splitlines(), masked(got).splitlines(),
                                                    document.name, "printed", lineterm="")]
    print("\n".join(differences) or f"{len(blocks)} transcripts are true")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
