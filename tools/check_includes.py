#!/usr/bin/env python3
"""Checks what each folder may include and use: the direction of the layers, and a core free of the
outside world.

Usage: tools/check_includes.py [FILE...]      without files: every C++ file of the project
"""

import re
import sys

from cpp_source import ROOT, Finding, code_only, run

# Which project folders a folder may include. The longest matching folder rules; "*" is everything.
# From bottom to top, as in docs/architecture.md: a layer knows those below it and never one beside
# it.
MAY_INCLUDE = {
    "apns/base": ("apns/base",),
    "apns/model": ("apns/base", "apns/model"),
    "apns/json": ("apns/base", "apns/json"),
    "apns/payload": ("apns/base", "apns/model", "apns/json", "apns/payload"),
    "apns/binary": ("apns/base", "apns/model", "apns/binary"),
    "apns/http2": ("apns/base", "apns/model", "apns/http2"),
    "apns/auth": ("apns/base", "apns/model", "apns/auth"),
    "apns/tls": ("apns/base", "apns/auth", "apns/tls"),
    "apns/net": ("apns/base", "apns/auth", "apns/tls", "apns/net"),
    "certs": ("apns/base", "apns/model", "apns/json", "apns/auth", "certs"),
    "provider": ("apns", "provider"),
    "mock_apns": ("apns", "certs", "mock_apns"),  # certs: a service makes its own when it starts
    "mock_apns/world": ("apns", "mock_apns"),
    "scenarios": ("apns", "certs", "provider", "mock_apns", "scenarios"),
    "cli": ("*",),
    "bench": ("*",),
    "tests": ("*",),
}

# Projects of their own, which see what is installed.
OTHER_PROJECTS = ("docs/examples",)

# The protocol itself: bytes and time go in, bytes and a deadline come out. And the world behind it:
# what happened and time go in, what comes of it comes out.
CORE = ("apns/base", "apns/model", "apns/json", "apns/payload", "apns/binary", "apns/http2",
        "apns/auth", "apns/tls", "mock_apns/world")
# Parts of the core that may lock: all connections share the world's tables.
LOCKING = ("mock_apns/world",)
# Where Boost.Asio and Beast may be used.
ASIO = ("apns/net", "provider/net", "mock_apns/control", "cli", "bench", "tests")

_SOCKETS = "an Engine of bytes and time; sockets live in apns/net"
_LOCKS = "no locks here; only the world behind the connections is shared"
_THREADS = "no threads here; a connection stays on the thread that its host gives it"
_RANDOM = "the counter-based random source of apns/base, so that a seed gives one run"
_OUTPUT = "an event to the caller; shells print"
_CLOCK = "the time that the caller passes in"

# Headers that the core may not include: pattern of the name between the brackets, what would be
# right.
CORE_HEADERS = (
    (r"sys/(socket|un|epoll|select|ioctl|uio)\.h|net(inet|db|/).*|arpa/inet\.h", _SOCKETS),
    (r"(poll|unistd|fcntl)\.h", _SOCKETS),
    (r"mutex|shared_mutex", _LOCKS),
    (r"thread|condition_variable|future|pthread\.h", _THREADS),
    (r"semaphore|latch|barrier|stop_token", _THREADS),
    (r"random", _RANDOM),
    (r"iostream|fstream|syncstream|spdlog/.*", _OUTPUT),
)

# Code that the core may not contain.
CORE_CODE = (
    (r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now\b", _CLOCK),
    (r"(?<![\w.>])(std\s*::\s*|::\s*)?time\s*\(\s*(nullptr|NULL|0|&)", _CLOCK),
    (r"\b(gettimeofday|clock_gettime|localtime|localtime_r|mktime)\s*\(", _CLOCK),
    (r"\b(std\s*::\s*rand|srand|random_device|arc4random|getrandom)\b", _RANDOM),
    (r"\bstd\s*::\s*(cout|cerr|clog|cin)\b", _OUTPUT),
    (r"(?<![\w.>])(std\s*::\s*)?(printf|puts|perror)\s*\(", _OUTPUT),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", _CLOCK),
)

_INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*include[ \t]*(?:"(?P<quoted>[^"]*)"|<(?P<angled>[^>]*)>)', re.MULTILINE)
_FOLDERS = {folder.split("/")[0] for folder in MAY_INCLUDE}


def _inside(path, folders):
    return any(folder == "*" or path.startswith(folder + "/") for folder in folders)


def _rule_for(path):
    folders = [folder for folder in MAY_INCLUDE if _inside(path, (folder,))]
    return max(folders, key=len, default=None)


def _line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def _check_quoted(path, line, name, exists):
    if name.split("/")[0] not in _FOLDERS or not exists(name):
        return [Finding(path, line, f'"{name}" is not a file, seen from the repository root',
                        'a path from the root, as "apns/base/engine.h"; <...> if not ours')]
    folder = _rule_for(path)
    if folder is None:
        return [Finding(path, line, f"the folder of {path} has no row in the table of layers",
                        "a row in MAY_INCLUDE of tools/check_includes.py")]
    if not _inside(name, MAY_INCLUDE[folder]):
        return [Finding(path, line, f'{folder} includes "{name}"',
                        f"only {', '.join(MAY_INCLUDE[folder])}; the rest is passed in from above")]
    return []


def _check_angled(path, line, name):
    if name.split("/")[0] in _FOLDERS and name.endswith(".h"):
        return [Finding(path, line, f"<{name}> for a header of the project", f'#include "{name}"')]
    if re.match(r"boost/(asio|beast)\b", name):
        if not _inside(path, ASIO):
            return [Finding(path, line, f"<{name}> outside {', '.join(ASIO)}",
                            "Dialer and Acceptor of apns/base")]
        if name.startswith("boost/asio/experimental/awaitable_operators"):
            return [Finding(path, line, f"<{name}>: `a() && b()` hangs after end of file",
                            "one coroutine after the other, or two that are spawned")]
    if _inside(path, CORE):
        return [Finding(path, line, f"<{name}> in the core", right)
                for pattern, right in CORE_HEADERS if re.fullmatch(pattern, name)
                and not (right is _LOCKS and _inside(path, LOCKING))]
    return []


def is_header(name):
    """Whether a path from the root is a file, or one that CMake makes from name.in."""
    return (ROOT / name).is_file() or (ROOT / f"{name}.in").is_file()


def check(path, text, exists=is_header):
    """The findings in one file. `exists` says whether a path from the root is a file."""
    if _inside(path, OTHER_PROJECTS):
        return []
    code = code_only(text)
    findings = []
    for match in _INCLUDE.finditer(code):
        line = _line_of(code, match)
        if match["quoted"] is not None:
            findings += _check_quoted(path, line, match["quoted"], exists)
        else:
            findings += _check_angled(path, line, match["angled"])
    if _inside(path, CORE):
        for pattern, right in CORE_CODE:
            findings += [
                Finding(path, _line_of(code, match), f"`{match.group()}` in the core", right)
                for match in re.finditer(pattern, code)]
    return findings


if __name__ == "__main__":
    sys.exit(run("includes", check, "*.h", "*.cpp"))
