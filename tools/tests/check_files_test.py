"""Tests of tools/check_files.py: each rule has a case that must be found and one that must pass."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import check_files

UNFINISHED = "TO" + "DO"  # in two parts: the check reads this file too


class Files(unittest.TestCase):
    def wrongs(self, path, text, long_files=None):
        return [finding.wrong for finding in check_files.check(path, text, long_files or {})]

    def test_header_needs_pragma_once(self):
        missing = ["a header without `#pragma once`"]
        self.assertEqual(missing, self.wrongs("a/x.h", "int f();\n"))
        self.assertEqual(missing, self.wrongs("a/x.h", "// #pragma once\n/*\n#pragma once\n*/\n"))
        self.assertEqual([], self.wrongs("a/x.h", "// What it is.\n#pragma once\n"))
        self.assertEqual([], self.wrongs("a/x.cpp", "int f();\n"))

    def test_long_file_needs_a_reason(self):
        longest, too_long = "int a;\n" * 500, "int a;\n" * 501
        self.assertEqual([], self.wrongs("a/x.cpp", longest))
        self.assertEqual(["501 lines"], self.wrongs("a/x.cpp", too_long))
        self.assertEqual([], self.wrongs("a/x.cpp", too_long, {"a/x.cpp": "one table"}))

    def test_reason_for_a_file_that_is_short_is_stale(self):
        self.assertEqual(["LONG_FILES lists this file, but it has 1 lines"],
                         self.wrongs("a/x.cpp", "int a;\n", {"a/x.cpp": "one table"}))

    def test_main_is_short(self):
        self.assertEqual([], self.wrongs("cli/main.cpp", "\n" * 60))
        self.assertEqual(["main.cpp has 61 lines"], self.wrongs("cli/main.cpp", "\n" * 61))
        self.assertEqual([], self.wrongs("cli/domain.cpp", "\n" * 61))

    def test_nothing_is_left_unfinished(self):
        found = [f"`{UNFINISHED}`"]
        self.assertEqual(found, self.wrongs("a/x.cpp", f"// {UNFINISHED}: the rest\n"))
        self.assertEqual(found, self.wrongs("CMakeLists.txt", f"# {UNFINISHED} the rest\n"))
        self.assertEqual([], self.wrongs("a/x.cpp", f"int {UNFINISHED}S;\n"))


if __name__ == "__main__":
    unittest.main()
