"""Tests of tools/check_co_await.py: what must be found, and what must pass."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import check_co_await

# name, body of a coroutine, each finding: line (the body begins at line 2) and a word of it
WRONG = (
    ("braced argument", "co_await send(Request{body, id});", [(2, "braced")]),
    ("braced argument of a template", "co_await send(std::array<int, 2>{1, 2});", [(2, "braced")]),
    ("bare braces", "co_await send({body, id});", [(2, "braced")]),
    ("await inside braces", "Conn c{std::move(socket), co_await executor};", [(2, "braced")]),
    ("two awaits", "co_await a() + co_await b();", [(2, "second")]),
    ("two awaits over lines", "f(co_await a(),\n  co_await b());", [(3, "second")]),
    ("await as an argument of an awaited call", "co_await send(co_await make());", [(2, "second")]),
    ("capturing lambda", "co_await run([id] { return id; });", [(2, "lambda")]),
    ("lambda with a return type",
     "co_await run([id]() -> std::pair<int, int> { return g(id, 1); });", [(2, "lambda")]),
    ("template lambda",
     "co_await run([id]<class T>(T t) mutable { return id + t; });", [(2, "lambda")]),
    ("in the head of an if", "if (co_await send(Request{body})) { f(); }", [(2, "braced")]),
    ("in the head of a range for",
     "for (int i : co_await list({1, 2})) { f(i); }", [(2, "braced")]),
    ("in a loop's body", "while (true) {\n  co_await send(Request{body});\n}", [(3, "braced")]),
    ("behind a case label",
     "switch (x) {\n case A:\n  co_await send(Request{x});\n}", [(4, "braced")]),
    ("in a nested lambda coroutine",
     "spawn([&]() -> awaitable<void> {\n  co_await send(Request{1});\n});", [(3, "braced")]),
    ("behind an attribute",
     "if (x) [[likely]] {\n  co_await send(Request{1});\n}", [(3, "braced")]),
    ("without braces around the body", "if (x) co_await a(B{});", [(2, "braced")]),
)

RIGHT = (
    ("named argument", "Request request{body, id};\nco_await send(std::move(request));"),
    ("one statement each", "const auto a = co_await f();\nconst auto b = co_await g(a);"),
    ("a coroutine spawned by a plain call",
     "spawn(e, [&]() -> awaitable<std::pair<int, int>> { co_await f(); co_await g(); }, x);"),
    ("a lambda behind a call through a pointer", "run(p->q, [id] { return R{id}; });"),
    ("head and body are two statements",
     "if (co_await f()) {\n  co_await g();\n} else {\n  co_await h();\n}"),
    ("loop", "for (int i = 0; i < 3; ++i) {\n  co_await g(i);\n}"),
    ("do loop", "do {\n  co_await f();\n} while (co_await g());"),
    ("cases",
     "switch (co_await f()) {\n case E::A:\n  co_await g();\n  break;\n"
     " default: {\n  co_await h();\n }\n}"),
    ("try", "try {\n  co_await f();\n} catch (const E& e) {\n  R r{e};\n}"),
    ("in comments", "// co_await f(Request{});\n/* co_await g({}); */ co_await h();"),
    ("in strings", 'co_await f("co_await {", R"(co_await { ( )", \'{\');'),
    ("indices", "co_await f(a[b[1]]);"),
    ("digit separators", "co_await f(1'000'000, 0x1'0);"),
    ("array of braces without an await", "int a[]{1, 2};\nco_await f(a);"),
    ("local struct", "struct alignas(8) X {\n  int a{1};\n};\nco_await f();"),
)


class CoAwait(unittest.TestCase):
    def check_body(self, body):
        return check_co_await.check("x.cpp", "awaitable<void> X::f(Y y) const {\n" + body + "\n}\n")

    def test_finds_each_wrong_form(self):
        for name, body, expected in WRONG:
            with self.subTest(name):
                findings = self.check_body(body)
                self.assertEqual([line for line, _ in expected],
                                 [finding.line for finding in findings], findings)
                for (_, word), finding in zip(expected, findings):
                    self.assertIn(word, finding.wrong)

    def test_passes_each_right_form(self):
        for name, body in RIGHT:
            with self.subTest(name):
                self.assertEqual([], self.check_body(body))

    def test_members_and_constructors_are_statements_apart(self):
        text = """
        namespace a::b {
        template <class T = int>
        class X final : public Y<T> {
         public:
          explicit X(int a) : Y<T>{a}, b_{a} { spawn(f()); }
          awaitable<void> f() override { co_await g(); }
         private:
          awaitable<void> g() noexcept { co_await h(b_); }
          int b_{1};
        };
        }
        """
        self.assertEqual([], check_co_await.check("x.h", text))

    def test_an_unbalanced_file_ends(self):
        self.assertEqual([], check_co_await.check("x.cpp", "}} co_await f(); {{{"))


if __name__ == "__main__":
    unittest.main()
