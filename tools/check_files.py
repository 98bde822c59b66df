#!/usr/bin/env python3
"""Checks what holds for a file as a whole: `#pragma once`, its length, a short main.cpp, nothing
left unfinished.

Usage: tools/check_files.py [FILE...]      without files: all C++ and CMake files and scripts
"""

import re
import sys

from cpp_source import Finding, code_only, run

MOST_LINES = 500
MOST_LINES_OF_MAIN = 60

# Files that may be longer, each with its reason. A row whose file is short again is a finding too.
LONG_FILES = {}

# Put together so that this file does not find itself.
_UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")


def check(path, text, long_files=None):
    """The findings in one file. `long_files` replaces the table above, for tests."""
    long_files = LONG_FILES if long_files is None else long_files
    findings = []
    lines = text.split("\n")
    num_lines = text.count("\n")

    def find(line, wrong, right):
        findings.append(Finding(path, line, wrong, right))

    if path.endswith(".h") and not re.search(r"^#pragma once$", code_only(text), re.MULTILINE):
        find(1, "a header without `#pragma once`", "`#pragma once` as its first line of code")
    if path.split("/")[-1] == "main.cpp" and num_lines > MOST_LINES_OF_MAIN:
        find(num_lines, f"main.cpp has {num_lines} lines",
             f"at most {MOST_LINES_OF_MAIN}: parse options, build the objects, run, map the result")
    if path.endswith((".h", ".cpp")):
        if num_lines > MOST_LINES and path not in long_files:
            find(num_lines, f"{num_lines} lines",
                 f"at most {MOST_LINES}: split it, or a row in LONG_FILES of tools/check_files.py")
        if num_lines <= MOST_LINES and path in long_files:
            find(num_lines, f"LONG_FILES lists this file, but it has {num_lines} lines",
                 "no row in LONG_FILES of tools/check_files.py")
    for number, line in enumerate(lines, start=1):
        unfinished = _UNFINISHED.search(line)
        if unfinished:
            find(number, f"`{unfinished.group()}`",
                 "the work done, or an issue; the code says only what is")
    return findings


if __name__ == "__main__":
    sys.exit(run("files", check, "*.h", "*.cpp", "*.cmake", "*CMakeLists.txt", "*.py", "*.js",
                 "*.sh", "dev", ".ci/run", "tools/bare_root"))
