#!/usr/bin/env python3
"""Checks the rule for coroutines that g++ 12 asks for: one `co_await` per statement, and in that
statement no braced temporary and no lambda. The compiler destroys such temporaries twice or closes
a descriptor early, and does not warn.

    co_await send(Request{body, id});              wrong: double free
    Conn c{std::move(socket), co_await executor};  wrong: closes the descriptor
    Request request{body, id};                     right
    co_await send(std::move(request));

A loop's or condition's head counts as one statement. The body of a lambda holds statements of its
own; it is no part of the statement that the lambda stands in.

Usage: tools/check_co_await.py [FILE...]      without files: every C++ file of the project
"""

import sys

from cpp_source import Finding, Token, run, tokens

_OPENERS = ("(", "[", "{")
_CLOSERS = (")", "]", "}")
# What may stand between the parameters of a function or lambda and its body, besides a return type.
_SPECIFIERS = ("const", "constexpr", "consteval", "final", "mutable", "noexcept", "override",
               "static", "&", "&&")
_BLOCK_AFTER = ("else", "do", "try")
_TYPE_OR_NAMESPACE = ("namespace", "class", "struct", "union", "enum", "extern")
_BEFORE_A_TYPE = ("const", "constexpr", "export", "inline", "static", "typedef", "volatile")
_LABELS = ("case", "default", "private", "protected", "public")
# Can come directly before the `[` of a lambda, although they look like names, which would be
# indexed.
_BEFORE_A_LAMBDA = ("return", "co_return", "co_yield", "co_await")


class _Statement:
    """The tokens of one statement so far, without lambda bodies; where braces and lambdas open."""

    def __init__(self):
        self.tokens = []
        self.braced = []
        self.lambdas = []

    def findings(self, path):
        awaits = [token for token in self.tokens if token.text == "co_await"]
        result = [Finding(path, token.line, "a second `co_await` in one statement",
                          "one statement each, the first result in a named variable")
                  for token in awaits[1:]]
        if awaits:
            result += [Finding(path, token.line, "a braced temporary in a `co_await` statement",
                               "a named variable in a statement before it, passed by std::move")
                       for token in self.braced]
            result += [Finding(path, token.line, "a lambda in a `co_await` statement",
                               "a named variable in a statement before it, passed by std::move")
                       for token in self.lambdas]
        return result


def _opening(parts, closing):
    """The index of the bracket that parts[closing] closes; 0 when it is not there."""
    depth = 0
    for index in range(closing, -1, -1):
        if parts[index].text in _CLOSERS:
            depth += 1
        elif parts[index].text in _OPENERS:
            depth -= 1
            if depth == 0:
                return index
    return 0


def _is_name(text):
    return text[0].isalnum() or text[0] == "_"


def _ends_introducer(parts, closing):
    """Whether the `]` at this index ends a lambda's captures: no name stands before the `[`."""
    if closing < 0 or parts[closing].text != "]":
        return False
    opening = _opening(parts, closing)
    if opening == 0:
        return True
    before = parts[opening - 1].text
    return before in _BEFORE_A_LAMBDA or not (_is_name(before) or before in (")", "]", "}", '""'))


def _without_return_type(parts):
    """The tokens before a `-> Type` that ends them; all of them when there is none."""
    angles = 0
    for index in range(len(parts) - 1, 0, -1):
        text = parts[index].text
        if text == "->":
            return parts[:index] if parts[index - 1].text in (")", "]") + _SPECIFIERS else parts
        angles += {">": 1, "<": -1}.get(text, 0)
        of_a_type = _is_name(text) or text in ("::", "<", ">", "*", "&", "&&")
        if not (of_a_type or (text == "," and angles > 0)):
            break
    return parts


def _before_body(parts):
    """The tokens without what may stand between parameters and body: specifiers, return type."""
    parts = _without_return_type(parts)
    end = len(parts)
    while end > 0 and parts[end - 1].text in _SPECIFIERS:
        end -= 1
    return parts[:end]


def _begins_lambda_body(parts):
    parts = _before_body(parts)
    if not parts or parts[-1].text != ")":
        return _ends_introducer(parts, len(parts) - 1)
    before = _opening(parts, len(parts) - 1) - 1
    if before >= 0 and parts[before].text == ">":  # []<class T>(T value) { ... }
        while before > 0 and parts[before].text != "]":
            before -= 1
    return _ends_introducer(parts, before)


def _declares_type_or_namespace(parts):
    texts = [token.text for token in parts]
    while texts and texts[0] == "template":
        depth, end = 0, 1
        for end in range(1, len(texts)):
            depth += {"<": 1, ">": -1}.get(texts[end], 0)
            if depth == 0:
                break
        texts = texts[end + 1:]
    while texts and texts[0] in _BEFORE_A_TYPE:
        texts = texts[1:]
    return bool(texts) and texts[0] in _TYPE_OR_NAMESPACE and "=" not in texts


def _kind_of_brace(parts, depth):
    """What a `{` opens behind these tokens of its statement, `depth` brackets deep: "lambda",
    "block" or "braced" (an initialiser)."""
    if _begins_lambda_body(parts):
        return "lambda"
    if depth > 0:
        return "braced"
    before = _before_body(parts)
    if not parts or parts[-1].text in _BLOCK_AFTER or (before and before[-1].text == ")"):
        return "block"
    if parts[-1].text == "}":  # behind the last initialiser of a constructor
        return "block"
    return "block" if _declares_type_or_namespace(parts) else "braced"


def _parse_block(path, stream, position, findings):
    """Reads statements up to the `}` that ends the block; returns the position behind it."""
    statement = _Statement()
    depth = 0
    while position < len(stream):
        token = stream[position]
        position += 1
        if token.text == "{":
            kind = _kind_of_brace(statement.tokens, depth)
            if kind == "braced":
                statement.braced.append(token)
            else:
                position = _parse_block(path, stream, position, findings)
                if kind == "block":
                    findings += statement.findings(path)
                    statement = _Statement()
                else:
                    statement.lambdas.append(token)
                    statement.tokens.append(Token("lambda-body", token.line))
                continue
        if token.text == "}" and depth == 0:
            break
        if token.text in _OPENERS:
            depth += 1
        elif token.text in _CLOSERS:
            depth -= 1
        statement.tokens.append(token)
        ends_label = token.text == ":" and statement.tokens[0].text in _LABELS
        if depth == 0 and (token.text == ";" or ends_label):
            findings += statement.findings(path)
            statement = _Statement()
    findings += statement.findings(path)
    return position


def check(path, text):
    """The findings in one file."""
    if "co_await" not in text:
        return []
    stream = tokens(text)
    findings = []
    position = 0
    while position < len(stream):
        position = _parse_block(path, stream, position, findings)
    return findings


if __name__ == "__main__":
    sys.exit(run("co_await", check, "*.h", "*.cpp"))
