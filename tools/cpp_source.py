"""What the checks of `./dev lint` share: the list of files, comment-free text, tokens, findings."""

import dataclasses
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Finding:
    """One broken rule. `wrong` says what stands there, `right` what would pass."""

    path: str
    line: int
    wrong: str
    right: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.wrong}; right would be: {self.right}"


def project_files(*patterns):
    """Paths, from the repository root, of files that git tracks or would track and that exist."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--"]
    listed = subprocess.run([*command, *patterns], cwd=ROOT, check=True, capture_output=True,
                            text=True).stdout
    return sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()})


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def report(name, findings, num_files):
    """Prints the findings and one summary line; returns the exit status."""
    for finding in sorted(findings, key=lambda f: (f.path, f.line)):
        print(finding)
    print(f"{name}: {num_files} files, {len(findings)} findings")
    return 1 if findings else 0


# Raw strings first, then comments, then ordinary strings and characters: whichever starts first
# wins. A quote between digits (1'000) belongs to the number and is matched with it.
_LITERAL_OR_COMMENT = re.compile(
    r"""
    (?P<raw>     (?:u8|[uUL])?R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)" )
  | (?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
  | (?P<include> ^[ \t]*\#[ \t]*include[^\n]* )
  | (?P<string>  "(?:\\.|[^"\\\n])*" )
  | (?P<number>  \b[0-9](?:'?[0-9a-zA-Z_.])* )
  | (?P<char>    '(?:\\.|[^'\\\n])+' )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def code_only(text):
    """The text without comments and with empty literals; every line keeps its number."""

    def blank(match):
        newlines = "\n" * match.group().count("\n")
        kind = match.lastgroup if match.lastgroup != "delimiter" else "raw"
        if kind in ("include", "number"):
            return match.group()
        if kind == "comment":
            return " " + newlines
        return ("''" if kind == "char" else '""') + newlines

    return _LITERAL_OR_COMMENT.sub(blank, text)


@dataclasses.dataclass(frozen=True)
class Token:
    text: str
    line: int


_TOKEN = re.compile(r"\s+|[A-Za-z_]\w*|[0-9](?:'?[\w.])*|\"\"|''|->|::|&&|\|\||.", re.DOTALL)
_DIRECTIVE_OR_ATTRIBUTE = re.compile(
    r"^[ \t]*#(?:\\\n|[^\n])*|\[\[.*?\]\]", re.MULTILINE | re.DOTALL)


def tokens(text):
    """The tokens of C++ text, without comments, directives and attributes. `>>` is two tokens."""
    code = _DIRECTIVE_OR_ATTRIBUTE.sub(lambda match: "\n" * match.group().count("\n"),
                                       code_only(text))
    result = []
    line = 1
    for match in _TOKEN.finditer(code):
        if not match.group().isspace():
            result.append(Token(match.group(), line))
        line += match.group().count("\n")
    return result


def run(name, check, *patterns):
    """Runs `check(path, text)` on the files of the patterns, or on those of the command line."""
    paths = sys.argv[1:] or project_files(*patterns)
    findings = [finding for path in paths for finding in check(path, read(path))]
    return report(name, findings, len(paths))
