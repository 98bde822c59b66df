#!/usr/bin/python3
"""Compares two result files of one kind: what `measure.py --json` wrote, or what Google Benchmark
wrote with --benchmark_format=json. Less is better everywhere; -10.0 % is a tenth faster or smaller.

Exit: 0 compared, 2 a file cannot be read, is of neither kind, or the two are of different kinds.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

TO_NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


class InputError(Exception):
    """A file is not what it should be: exit 2."""


def read_results(path):
    """The kind of the file, where it was made, and its figures: {name: (value, unit)}."""
    try:
        data = json.loads(Path(path).read_text())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}.") from None
    try:
        if "rows" in data:
            return "measure.py", made_by_measure(data), figures_of_measure(data["rows"])
        if "benchmarks" in data:
            return "Google Benchmark", made_by_benchmark(data), figures_of_benchmark(
                data["benchmarks"])
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} is not as its writer makes it: {error!r}.") from None
    raise InputError(f"{path} is neither from measure.py nor from Google Benchmark: "
                     "it has no \"rows\" and no \"benchmarks\".")


def made_by_measure(data):
    return {key: str(data.get(key, "")) for key in ("machine", "cores", "openssl", "compiler",
                                                    "flags")}


def figures_of_measure(rows):
    figures = {}
    for row in rows:
        name = f"{row['row']} {row['title']}"
        figures[f"{name}: {row['measured']['server']}"] = (row["measured"]["median"], row["unit"])
        figures[f"{name}: floor"] = (row["floor"]["median"], row["unit"])
        figures[f"{name}: ratio"] = (row["ratio"]["median"], "x")
    return figures


def made_by_benchmark(data):
    context = data.get("context", {})
    return {key: str(context.get(key, "")) for key in ("host_name", "num_cpus", "mhz_per_cpu",
                                                       "library_build_type")}


def figures_of_benchmark(benchmarks):
    """CPU time by name; where a benchmark was repeated, the median of its repetitions."""
    runs = {}
    for entry in benchmarks:
        if entry.get("error_occurred"):
            continue
        name = entry.get("run_name", entry["name"])
        is_aggregate = entry.get("run_type") == "aggregate"
        if is_aggregate and (entry["aggregate_name"] != "median" or name in runs):
            continue
        runs.setdefault(name, []).append(entry["cpu_time"] * TO_NS[entry["time_unit"]])
    return {name: (statistics.median(times), "ns") for name, times in runs.items()}


def comparison_lines(before, after):
    """One line a figure, in the order of `before`; what only one side has is said, not dropped."""
    names = [*before, *(name for name in after if name not in before)]
    width = max((len(name) for name in names), default=0)
    lines = [f"{'':<{width}}  {'before':>12} {'after':>12}  {'change':>9}"]
    for name in names:
        if name in before and name in after:
            (old, unit), (new, _) = before[name], after[name]
            change = f"{(new - old) / old * 100:+.1f} %" if old else "from 0"
            lines.append(f"{name:<{width}}  {old:>12.2f} {new:>12.2f}  {change:>9}  {unit}")
        else:
            side = "before" if name in before else "after"
            value, unit = (before if name in before else after)[name]
            lines.append(f"{name:<{width}}  {value:>12.2f}  {unit}, only {side}")
    return lines


def differences(before, after):
    return [f"{key} differs: {before[key]} before, {after[key]} after"
            for key in before if before[key] != after[key]]


def run(words):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="BEFORE.json")
    parser.add_argument("after", metavar="AFTER.json")
    options = parser.parse_args(words)
    kind_before, made_before, before = read_results(options.before)
    kind_after, made_after, after = read_results(options.after)
    if kind_before != kind_after:
        raise InputError(f"{options.before} is from {kind_before} and {options.after} from "
                         f"{kind_after}: two of one kind can be compared.")
    print(*comparison_lines(before, after), sep="\n")
    for line in differences(made_before, made_after):
        print(f"note: {line}", file=sys.stderr)
    return 0


def main():
    try:
        return run(sys.argv[1:])
    except InputError as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
