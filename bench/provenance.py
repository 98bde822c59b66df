"""Where a figure comes from: the build, which must be optimised, and the machine it ran on."""

import datetime
import json
import os
import platform
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SetupError(Exception):
    """The measurement cannot be made: exit 2."""


@dataclass
class Build:
    folder: Path
    compiler: str
    build_type: str
    sanitize: str
    flags: dict  # of the sources that matter, by path from the root; as compiled

    @staticmethod
    def read(folder):
        try:
            cache = dict(re.findall(r"^([^#/\n][^:\n]*):[^=\n]*=(.*)$",
                                    (folder / "CMakeCache.txt").read_text(), re.M))
        except OSError:
            raise SetupError(f"{folder} is not a build folder: it has no CMakeCache.txt. "
                             "Build first, or name another with --build.") from None
        build_type = cache.get("CMAKE_BUILD_TYPE", "")
        flags = {}
        commands = folder / "compile_commands.json"
        if commands.exists():
            for entry in json.loads(commands.read_text()):
                source = os.path.relpath(entry["file"], ROOT)
                flags[source] = code_flags(shlex.split(entry["command"]))
        from_cache = " ".join(cache.get(key, "") for key in
                              ("CMAKE_CXX_FLAGS", f"CMAKE_CXX_FLAGS_{build_type.upper()}"))
        flags.setdefault("bench/floor/floor_sink.cpp", code_flags(shlex.split(from_cache)))
        return Build(folder, cache.get("CMAKE_CXX_COMPILER", ""), build_type,
                     cache.get("APNSLAB_SANITIZE", ""), flags)

    def floor_flags(self):
        return self.flags["bench/floor/floor_sink.cpp"]

    def program(self, name):
        return self.folder / ("cli" if name == "apnslab" else "bench") / name

    def refuse_unless_optimised(self, with_product):
        level = optimisation(self.floor_flags())
        if level not in ("-O2", "-O3"):
            raise SetupError(
                f"{self.folder} is not optimised (build type '{self.build_type}', "
                f"{level or 'no -O flag'}): its figures would mean nothing. "
                "Use a build of type Release.")
        if self.sanitize:
            raise SetupError(f"{self.folder} is built with sanitizers ({self.sanitize}): "
                             "its figures would mean nothing. Use one without.")
        product = self.flags.get("cli/main.cpp")
        if with_product and product is not None and product != self.floor_flags():
            raise SetupError(f"Floor and product are compiled differently in {self.folder}: "
                             f"{' '.join(self.floor_flags())} against {' '.join(product)}.")


def code_flags(words):
    """The words of a compile command that change what code is made."""
    return [word for word in words
            if re.match(r"-(O|g|m|f|std=|DNDEBUG)", word) and not word.startswith("-fdiagnostics")]


def optimisation(flags):
    """The -O flag that counts (the last), or an empty text."""
    return next((word for word in reversed(flags) if re.fullmatch(r"-O\w*", word)), "")


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return done.stdout.splitlines()[0] if done.returncode == 0 and done.stdout else ""


def make_header(build):
    model = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    system = re.search(r'^PRETTY_NAME="(.*)"$', Path("/etc/os-release").read_text(), re.M)
    git = ["git", "--no-optional-locks", "-C", str(ROOT)]
    commit = first_line([*git, "rev-parse", "--short", "HEAD"]) or "none"
    if commit != "none" and first_line([*git, "status", "--porcelain"]):
        commit += " and uncommitted changes"
    return {
        "format": 1,
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": f"{model[1] if model else platform.machine()}, "
                   f"{system[1] if system else platform.system()}, Linux {platform.release()}",
        "cores": len(os.sched_getaffinity(0)),
        "load": f"{os.getloadavg()[0]:.1f} before the run",
        "openssl": first_line(["openssl", "version"]),
        "compiler": first_line([build.compiler, "--version"]),
        "flags": " ".join(build.floor_flags()),
        "commit": commit,
    }
