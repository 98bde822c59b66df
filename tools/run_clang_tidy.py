#!/usr/bin/env python3
"""Runs clang-tidy on the .cpp files that changed, then, while time is left, on the rest.

Changed is what differs from the merge base with origin/main: in commits, in the work tree, and
files that git does not know yet. A clone of main itself has no such base: there it is the last
commit. A changed header stands for the .cpp and the test of the same name. Files are only begun
within the time budget; the summary says how many were left out, and `--changed-only` leaves out the
rest from the start.

Usage: tools/run_clang_tidy.py --build DIR [--jobs N] [--minutes M] [--changed-only] [FILE...]
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import time

from cpp_source import ROOT, project_files

# clang's path-sensitive checks, on engines and plain logic only: inside Asio's awaitable they
# report what is not so.
ANALYZED = ("apns/base/", "apns/model/", "apns/json/", "apns/binary/", "apns/http2/", "apns/auth/",
            "apns/tls/", "certs/", "provider/", "mock_apns/")
NOT_ANALYZED = ("mock_apns/control/",)
# clang-tidy counts what it does not show; nobody wants to read that.
_NOISE = re.compile(r"^\d+ warnings?( and \d+ errors?)? (generated|treated)"
                    r"|^Suppressed \d+|^Use -header-filter")


def git(*arguments):
    """The output of a git command, or None when it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def base_commit():
    """The commit to compare with; None: there is none, so everything has changed."""
    head = git("rev-parse", "--verify", "-q", "HEAD")
    base = git("merge-base", "HEAD", "origin/main")
    return base if base and base != head else git("rev-parse", "--verify", "-q", "HEAD~1")


def changed_files():
    """Paths that differ from the base commit, or None for "all"."""
    base = base_commit()
    if base is None:
        return None
    differing = git("diff", "--name-only", base) or ""
    unknown = git("ls-files", "--others", "--exclude-standard") or ""
    return set((differing + "\n" + unknown).split())


def in_order(sources, changed):
    """The sources: those that changed first, then the rest. Returns both lists."""
    if changed is None:
        return sources, []
    stems = {str(pathlib.PurePath(path).with_suffix("")) for path in changed if path.endswith(".h")}

    def is_changed(path):
        stem = str(pathlib.PurePath(path).with_suffix(""))
        tested = stem.removeprefix("tests/").removesuffix("_test")
        return path in changed or stem in stems or tested in stems

    return ([path for path in sources if is_changed(path)],
            [path for path in sources if not is_changed(path)])


def tidy(path, build):
    """Runs clang-tidy on one file; returns its findings as text, empty when there are none."""
    command = ["clang-tidy", "-p", str(build), "--quiet"]
    if path.startswith(ANALYZED) and not path.startswith(NOT_ANALYZED):
        # Fields stand in the order in which they are read, not in that which pads least.
        command.append("--checks=clang-analyzer-*,-clang-analyzer-optin.performance.Padding")
    done = subprocess.run([*command, path], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).replace(f"{ROOT}/", "").splitlines()
    kept = "\n".join(line for line in lines if not _NOISE.match(line)).strip()
    return kept or f"{path}:1: clang-tidy ended with {done.returncode}" if done.returncode else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="folder with compile_commands.json")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=9,
                        help="time budget (default: %(default)s)")
    parser.add_argument("--changed-only", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()

    database = json.loads((options.build / "compile_commands.json").read_text(encoding="utf-8"))
    compiled = {entry["file"] for entry in database}
    sources = options.files or [
        path for path in project_files("*.cpp") if str(ROOT / path) in compiled]
    first, rest = (sources, []) if options.files else in_order(sources, changed_files())
    chosen = first + ([] if options.changed_only else rest)
    end = time.monotonic() + 60 * options.minutes

    def begin(path):
        return tidy(path, options.build) if time.monotonic() < end else None

    num_done, num_bad = 0, 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for findings in pool.map(begin, chosen):
            num_done += findings is not None
            if findings:
                num_bad += 1
                print(findings, flush=True)
    if num_done < len(chosen):
        print(f"{len(chosen) - num_done} files were not begun within {options.minutes:g} minutes")
    print(f"clang-tidy: {num_done} of {len(sources)} files ({len(first)} changed), "
          f"{num_bad} with findings")
    return 1 if num_bad else 0


if __name__ == "__main__":
    sys.exit(main())
