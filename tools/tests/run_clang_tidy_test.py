"""Tests of tools/run_clang_tidy.py: which files come first, and with what they are compared."""

import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import run_clang_tidy

SOURCES = ["apns/base/bytes.cpp", "cli/main.cpp", "provider/client.cpp",
           "tests/provider/client_test.cpp"]


class FakeGit:
    """Answers git commands from a table; what is not in it fails."""

    def __init__(self, answers):
        self.answers = answers

    def __call__(self, *arguments):
        return self.answers.get(" ".join(arguments))


class ChangedFiles(unittest.TestCase):
    def base(self, answers):
        with mock.patch.object(run_clang_tidy, "git", FakeGit(answers)):
            return run_clang_tidy.base_commit()

    def test_a_branch_is_compared_with_its_merge_base(self):
        self.assertEqual("b", self.base({"rev-parse --verify -q HEAD": "h",
                                         "merge-base HEAD origin/main": "b",
                                         "rev-parse --verify -q HEAD~1": "p"}))

    def test_a_clone_of_main_is_compared_with_the_commit_before(self):
        self.assertEqual("p", self.base({"rev-parse --verify -q HEAD": "h",
                                         "merge-base HEAD origin/main": "h",
                                         "rev-parse --verify -q HEAD~1": "p"}))

    def test_a_first_commit_has_no_base(self):
        self.assertIsNone(self.base({"rev-parse --verify -q HEAD": "h"}))

    def test_files_that_git_does_not_know_have_changed(self):
        with mock.patch.object(run_clang_tidy, "git", FakeGit({
                "rev-parse --verify -q HEAD~1": "p", "diff --name-only p": "a.cpp\nb.h",
                "ls-files --others --exclude-standard": "c.cpp"})):
            self.assertEqual({"a.cpp", "b.h", "c.cpp"}, run_clang_tidy.changed_files())


class Order(unittest.TestCase):
    def test_changed_sources_come_first(self):
        self.assertEqual((["cli/main.cpp"], [SOURCES[0], SOURCES[2], SOURCES[3]]),
                         run_clang_tidy.in_order(SOURCES, {"cli/main.cpp", "README.md"}))

    def test_a_header_stands_for_its_source_and_test(self):
        first, _ = run_clang_tidy.in_order(SOURCES, {"provider/client.h"})
        self.assertEqual(["provider/client.cpp", "tests/provider/client_test.cpp"], first)

    def test_without_a_base_everything_has_changed(self):
        self.assertEqual((SOURCES, []), run_clang_tidy.in_order(SOURCES, None))


if __name__ == "__main__":
    unittest.main()
