"""Tests of tools/check_includes.py: each rule has a case that must be found."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import check_includes

# path, text, a word of the one finding
WRONG = (
    ("apns/base/x.h", '#include "apns/model/notification.h"', "apns/base includes"),
    ("apns/model/x.h", '#include "apns/binary/wire.h"', "apns/model includes"),
    ("apns/tls/x.cpp", '#include "apns/net/socket_host.h"', "apns/tls includes"),
    ("apns/net/x.cpp", '#include "provider/client.h"', "apns/net includes"),
    ("provider/x.cpp", '#include "mock_apns/gateway.h"', "provider includes"),
    ("mock_apns/x.cpp", '#include "provider/client.h"', "mock_apns includes"),
    ("mock_apns/control/x.cpp", '#include "cli/serve.h"', "mock_apns includes"),
    ("scenarios/runner/x.cpp", '#include "cli/check.h"', "scenarios includes"),
    ("apns/base/x.cpp", '#include "missing.h"', "not a file"),
    ("apns/base/x.cpp", '#include "apns/base/missing.h"', "not a file"),
    ("apns/base/x.cpp", '#  include "../base/bytes.h"', "not a file"),
    ("newcomer/x.cpp", '#include "apns/base/bytes.h"', "no row"),
    ("apns/base/x.cpp", "#include <apns/base/bytes.h>", "header of the project"),
    ("apns/tls/x.cpp", "#include <boost/asio/ssl.hpp>", "<boost/asio/ssl.hpp> outside"),
    ("provider/x.cpp", "#include <boost/asio.hpp>", "<boost/asio.hpp> outside"),
    ("mock_apns/x.cpp", "#include <boost/beast/http.hpp>", "<boost/beast/http.hpp> outside"),
    ("cli/x.cpp", "#include <boost/asio/experimental/awaitable_operators.hpp>", "hangs"),
    ("apns/base/x.cpp", "#include <sys/socket.h>", "in the core"),
    ("apns/base/x.cpp", "#include <mutex>", "in the core"),
    ("mock_apns/world/x.cpp", "#include <thread>", "in the core"),
    ("mock_apns/world/x.cpp", "#include <random>", "in the core"),
    ("mock_apns/world/x.cpp", "auto t = std::chrono::system_clock::now();", "in the core"),
    ("mock_apns/world/x.cpp", '#include "certs/state_folder.h"', "mock_apns/world includes"),
    ("apns/base/x.cpp", "#include <netinet/in.h>", "in the core"),
    ("apns/binary/x.cpp", "#include <thread>", "in the core"),
    ("apns/model/x.cpp", "#include <random>", "in the core"),
    ("apns/auth/x.cpp", "#include <iostream>", "in the core"),
    ("apns/http2/x.cpp", "auto t = std::chrono::system_clock::now();", "system_clock::now"),
    ("apns/tls/x.cpp", "auto t = steady_clock::\n now();", "in the core"),
    ("apns/auth/x.cpp", "auto t = std::time(nullptr);", "time(nullptr"),
    ("apns/auth/x.cpp", "auto t = time(nullptr);", "time(nullptr"),
    ("apns/base/x.cpp", "int n = std::rand();", "std::rand"),
    ("apns/base/x.cpp", "std::random_device device;", "random_device"),
    ("apns/base/x.cpp", "std::cerr << 1;", "std::cerr"),
    ("apns/base/x.cpp", 'printf("x");', "printf("),
    ("apns/base/x.cpp", "std::this_thread::sleep_for(1s);", "sleep_for"),
)

RIGHT = (
    ("docs/examples/cpp/notifier.cpp", '#include "notifier.h"'),
    ("apns/binary/x.cpp",
     '#include "apns/binary/wire.h"\n#include "apns/base/bytes.h"\n#include <openssl/ssl.h>'),
    ("apns/net/x.cpp",
     "#include <boost/asio.hpp>\n#include <thread>\nauto t = steady_clock::now();"),
    ("mock_apns/control/x.cpp", "#include <boost/beast/http.hpp>"),
    ("mock_apns/world/x.h", '#include <mutex>\n#include "mock_apns/gateway.h"'),
    ("provider/x.cpp",
     '#include "apns/model/profile.h"\n#include "provider/client.h"\n#include <boost/system.hpp>'),
    ("tests/provider/x_test.cpp",
     '#include "mock_apns/gateway.h"\n#include "provider/client.h"\n#include <boost/asio.hpp>'),
    ("apns/base/x.h",
     "/// Not std::chrono::system_clock::now(), not time(nullptr).\n// #include <thread>"),
    ("apns/base/x.cpp", 'auto s = "std::cout << time(nullptr)";'),
    ("apns/base/x.cpp", "engine.on_time(now); deadline_time(0); runtime(0); x.time(0);"),
)

KNOWN = {
    "apns/base/bytes.h", "apns/binary/wire.h", "apns/model/notification.h", "apns/model/profile.h",
    "apns/net/socket_host.h", "cli/check.h", "cli/serve.h", "mock_apns/gateway.h",
    "provider/client.h", "certs/state_folder.h",
}


class Includes(unittest.TestCase):
    def check(self, path, text):
        return check_includes.check(path, text, exists=KNOWN.__contains__)

    def test_finds_each_wrong_form_once(self):
        for path, text, word in WRONG:
            with self.subTest(path=path, text=text):
                findings = self.check(path, text)
                self.assertEqual(1, len(findings), findings)
                self.assertIn(word, findings[0].wrong)
                self.assertTrue(findings[0].right)

    def test_passes_each_right_form(self):
        for path, text in RIGHT:
            with self.subTest(path=path, text=text):
                self.assertEqual([], self.check(path, text))

    def test_every_core_folder_has_a_row(self):
        for folder in check_includes.CORE + ("apns/net",):
            self.assertIn(folder, check_includes.MAY_INCLUDE)

    def test_tells_the_line(self):
        findings = self.check("apns/base/x.cpp", "/* one\n two */\n\n#include <thread>\n")
        self.assertEqual([4], [finding.line for finding in findings])


if __name__ == "__main__":
    unittest.main()
