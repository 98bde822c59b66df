#!/usr/bin/python3
"""Tests of the scripts of this folder: what they refuse, how they judge, what they read."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True  # no cache folder in the source tree
import compare  # noqa: E402
import http2  # noqa: E402
import measure  # noqa: E402
import provenance  # noqa: E402
import server_process  # noqa: E402


def write_build(folder, cache, commands=()):
    (folder / "CMakeCache.txt").write_text(cache)
    if commands:
        (folder / "compile_commands.json").write_text(json.dumps(
            [{"file": str(provenance.ROOT / source), "command": command}
             for source, command in commands]))
    return provenance.Build.read(folder)


def measured_row(number, ratio, gated=True):
    row = next(row for row in measure.ROWS if row.number == number)
    sides = (measure.Side("floor"), measure.Side("product"))
    for _ in range(3):
        sides[0].samples.append(measure.Sample(100.0, 0.5, 1000.0, 0.9, 0.4))
        sides[1].samples.append(measure.Sample(100.0 * ratio, 0.6, 900.0, 0.9, 0.4))
    assert row.gated == gated
    return measure.result(row, 1000, sides, "TLSv1.3 X")


class InTemporaryFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="apnslab-scripts-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class BuildIsRefused(InTemporaryFolder):
    release = "\n\n//c\nCMAKE_BUILD_TYPE:STRING=Release\nCMAKE_CXX_FLAGS_RELEASE:STRING=-O3\n"

    def refusal(self, build, with_product=False):
        with self.assertRaises(provenance.SetupError) as caught:
            build.refuse_unless_optimised(with_product)
        return str(caught.exception)

    def test_unless_the_folder_is_a_build(self):
        with self.assertRaisesRegex(provenance.SetupError, "not a build folder"):
            provenance.Build.read(self.folder)

    def test_when_its_type_has_no_optimisation(self):
        cache = "CMAKE_BUILD_TYPE:STRING=Debug\nCMAKE_CXX_FLAGS_DEBUG:STRING=-g\n"
        self.assertIn("'Debug', no -O flag", self.refusal(write_build(self.folder, cache)))

    def test_when_the_last_flag_takes_optimisation_back(self):
        build = write_build(self.folder, self.release,
                            [("bench/floor/floor_sink.cpp", "g++ -O2 -O0 -c x.cpp")])
        self.assertIn("-O0", self.refusal(build))

    def test_with_sanitizers(self):
        cache = self.release + "APNSLAB_SANITIZE:STRING=address\n"
        self.assertIn("sanitizers (address)", self.refusal(write_build(self.folder, cache)))

    def test_when_floor_and_product_differ(self):
        build = write_build(self.folder, self.release,
                            [("bench/floor/floor_sink.cpp", "g++ -O2 -Wall -c x.cpp"),
                             ("cli/main.cpp", "g++ -O2 -march=native -c y.cpp")])
        self.assertIn("-march=native", self.refusal(build, with_product=True))
        build.refuse_unless_optimised(False)  # the product takes no part

    def test_but_not_when_it_is_optimised(self):
        write_build(self.folder, self.release).refuse_unless_optimised(True)

    def test_but_not_for_definitions_that_libraries_ask_for(self):
        write_build(self.folder, self.release,
                    [("bench/floor/floor_sink.cpp", "g++ -O2 -Wall -c x.cpp"),
                     ("cli/main.cpp", "g++ -O2 -DFMT_SHARED -c y.cpp")]
                    ).refuse_unless_optimised(True)

    def test_with_exit_code_2(self):
        errors = io.StringIO()
        with mock.patch("sys.argv", ["measure.py", "--build", str(self.folder)]), \
                contextlib.redirect_stderr(errors):
            self.assertEqual(measure.main(), 2)
        self.assertIn("not a build folder", errors.getvalue())


class Ratios(unittest.TestCase):
    def test_are_taken_round_by_round(self):
        row = next(row for row in measure.ROWS if row.number == 6)
        sides = (measure.Side("a"), measure.Side("b"))
        for a, b in ((100, 110), (200, 260), (50, 60)):  # the machine's speed changes
            sides[0].samples.append(measure.Sample(a))
            sides[1].samples.append(measure.Sample(b))
        ratio = measure.result(row, 1, sides, "")["ratio"]
        self.assertAlmostEqual(ratio["median"], 1.2)
        self.assertAlmostEqual(ratio["min"], 1.1)
        self.assertAlmostEqual(ratio["max"], 1.3)

    def test_are_gated_above_the_target_and_its_headroom(self):
        at_limit, above = 1.5 * measure.GATE_HEADROOM, 1.5 * measure.GATE_HEADROOM + 0.01
        rows = [measured_row(6, at_limit), measured_row(7, above)]
        self.assertEqual(measure.rows_above_gate(rows), [7])

    def test_of_memory_are_reported_only(self):
        self.assertEqual(measure.rows_above_gate([measured_row(10, 50.0, gated=False)]), [])


class Lines(unittest.TestCase):
    def test_show_a_target_that_is_no_ratio_in_the_rows_unit(self):
        for number, target in ((8, "303.5 ns"), (10, "26 KB")):
            line = measure.row_lines(measured_row(number, 1.0, gated=False))[0]
            self.assertIn(f" {target} ", line)

    def test_show_a_target_that_is_a_ratio_as_one(self):
        self.assertIn(" 1.5 x ", measure.row_lines(measured_row(6, 1.0))[0])


class Counts(unittest.TestCase):
    row = measure.ROWS[0]

    def check(self, name, report):
        server = mock.Mock(num_sent=5)
        server.name = name
        return measure.check_count(self.row, server, report)

    def test_must_be_what_was_sent(self):
        self.assertTrue(self.check("floor_sink", {"frames": 5}))
        self.assertTrue(self.check("apnslab", {"accepted": 5, "rejected": 0}))
        with self.assertRaisesRegex(server_process.CheckError, "counted 4 frames, and 5 were sent"):
            self.check("floor_sink", {"frames": 4})

    def test_may_be_absent_but_that_is_known(self):
        self.assertFalse(self.check("apnslab", {}))

    def test_do_not_excuse_bad_payloads(self):
        with self.assertRaisesRegex(server_process.CheckError, "found fault"):
            self.check("floor_sink", {"frames": 5, "bad_payloads": 1})
        with self.assertRaisesRegex(server_process.CheckError, "found fault"):
            self.check("apnslab", {"accepted": 5, "not_json": 1})

    def test_come_from_the_last_line(self):
        for text, expected in (('{"port":1}\n{"frames":2}\n', {"frames": 2}), ("no JSON", {}),
                               ("", {}), ("7\n", {})):
            self.assertEqual(server_process.last_json_object(text), expected)


class Comparison(InTemporaryFolder):
    def write(self, name, data):
        path = self.folder / name
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return str(path)

    def run_script(self, before, after):
        out, errors = io.StringIO(), io.StringIO()
        with mock.patch("sys.argv", ["compare.py", before, after]), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = compare.main()
        return code, out.getvalue(), errors.getvalue()

    def test_of_measurements(self):
        before = self.write("a", {"machine": "X", "rows": [measured_row(6, 1.5)]})
        after = self.write("b", {"machine": "Y", "rows": [measured_row(6, 1.2)]})
        code, out, errors = self.run_script(before, after)
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^6 .*: product +150.00 +120.00 +-20.0 %  ns/frame$")
        self.assertRegex(out, r"(?m)^6 .*: ratio +1.50 +1.20 +-20.0 %  x$")
        self.assertIn("machine differs: X before, Y after", errors)

    def test_of_benchmarks_takes_the_median_in_nanoseconds(self):
        def run(*times):
            return {"benchmarks": [
                {"name": "BM_A", "run_name": "BM_A", "run_type": "iteration", "cpu_time": time,
                 "time_unit": "us"} for time in times]
                + [{"name": "BM_A_mean", "run_name": "BM_A", "run_type": "aggregate",
                    "aggregate_name": "mean", "cpu_time": 99.0, "time_unit": "us"}]}
        code, out, _ = self.run_script(self.write("a", run(1.0, 2.0, 9.0)),
                                       self.write("b", run(3.0)))
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^BM_A +2000.00 +3000.00 +\+50.0 %  ns$")

    def test_of_aggregates_only(self):
        def run(time):
            return {"benchmarks": [
                {"name": f"BM_A_{kind}", "run_name": "BM_A", "run_type": "aggregate",
                 "aggregate_name": kind, "cpu_time": time * scale, "time_unit": "ns"}
                for kind, scale in (("mean", 7), ("median", 1))]}
        _, out, _ = self.run_script(self.write("a", run(10)), self.write("b", run(9)))
        self.assertRegex(out, r"(?m)^BM_A +10.00 +9.00 +-10.0 %  ns$")

    def test_says_what_is_on_one_side_only(self):
        before = self.write("a", {"rows": [measured_row(6, 1.5)]})
        after = self.write("b", {"rows": [measured_row(7, 1.5)]})
        _, out, _ = self.run_script(before, after)
        self.assertRegex(out, r"(?m)^6 .*: ratio +1.50  x, only before$")
        self.assertRegex(out, r"(?m)^7 .*: ratio +1.50  x, only after$")

    def test_refuses_what_it_cannot_compare(self):
        rows = self.write("rows", {"rows": []})
        for other, text in ((self.write("bm", {"benchmarks": []}), "two of one kind"),
                            (self.write("text", "hello"), "is not JSON"),
                            (self.write("other", {}), "neither from"),
                            (self.write("broken", {"rows": [{}]}), "not as its writer"),
                            (str(self.folder / "absent"), "cannot be read")):
            code, _, errors = self.run_script(rows, other)
            self.assertEqual(code, 2)
            self.assertIn(text, errors)


class Http2Null(unittest.TestCase):
    def test_has_64_device_tokens(self):
        self.assertEqual(len({token for token in http2.TOKENS if len(token) == 64}), 64)

    def test_writes_frames_as_the_rfc_has_them(self):
        self.assertEqual(http2.frame(1, 5, 3, b"\x88").hex(), "000001010500000003" "88")
        self.assertEqual(http2.literal(0x40, "a", "bc").hex(), "40" "0161" "026263")

    def test_measures_with_few_and_with_many_streams(self):
        options = http2.parse_options(["--smoke", "--streams", "10,1000", "--idle", "0"])
        self.assertEqual((options.streams, options.rounds), ([10, 1000], 1))
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            http2.parse_options(["--streams", "many"])


if __name__ == "__main__":
    unittest.main()
