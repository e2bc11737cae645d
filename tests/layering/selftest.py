# SPDX-License-Identifier: Apache-2.0
"""Proves that check.py sees what it is for, by planting violations one at a time.

Usage: selftest.py ROOT.
"""

import os
import shutil
import sys
import tempfile
import unittest

import check

TREE = "host plugins plugin-api tests/layering".split()
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
ROOT = os.path.abspath(sys.argv.pop(1))


class Planted(unittest.TestCase):
    """A small tree of its own for each plant; checking all of Syncline each time takes minutes."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="syncline-layering-")
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.fill()
        # A component of our own, so that no test depends on which ones are shipped.
        self.plant("plugins/messages/planted_name/README.md", "")
        self.before = set(check.findings(self.root))

    def fill(self):
        self.plant("host/core/clock.h", SPDX)

    def plant(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)

    def new_findings(self):
        return sorted(set(check.findings(self.root)) - self.before)

    def expect(self, path, line, words):
        found = self.new_findings()
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:{line}: "), found)
        self.assertIn(words, found[0])

    def refuses(self, path, text, line, words):
        with self.subTest(path=path, text=text):
            self.setUp()
            self.plant(path, text)
            self.expect(path, line, words)

    def accepts(self, path, text):
        with self.subTest(path=path, text=text):
            self.setUp()
            self.plant(path, text)
            self.assertEqual(self.new_findings(), [])


class PlantedAlone(Planted):
    def test_an_include_against_the_order_is_refused(self):
        for folder, header in (
            ("core", "gateway/x.h"),
            ("core", "observe/x.h"),
            ("wire", "net/x.h"),
            ("net", "json/x.h"),
            ("channel", "session/x.h"),
            ("settings", "wire/x.h"),
            ("loading", "settings/x.h"),
            ("bridge", "loading/x.h"),
            ("gateway", "app/x.h"),
        ):
            above = header.split("/")[0]
            self.refuses(
                f"host/{folder}/planted.cpp",
                f'{SPDX}\n#  include "{header}" // why not\n',
                3,
                f"host/{folder} may not use {above}",
            )
        self.refuses("host/core/planted.h", SPDX + "#include <app/x.h>\n", 2, "may not use app")

    def test_an_include_with_the_order_is_accepted(self):
        for folder, header in (
            ("gateway", "net/x.h"),
            ("app", "gateway/x.h"),
            ("app", "loading/x.h"),
            ("channel", "broadcast/x.h"),
            ("bridge", "syncline/abi.h"),
        ):
            self.accepts(f"host/{folder}/planted.cpp", f'{SPDX}#include "{header}"\n')
        self.accepts("host/core/planted.h", SPDX + '// #include "app/x.h"\n')
        self.accepts("host/core/planted.h", SPDX + '/*\n#include "app/x.h"\n*/\n')

    def test_other_ways_out_of_a_folder_are_refused(self):
        self.refuses("host/core/planted.h", SPDX + '#include "../app/x.h"\n', 2, "climbs")
        self.refuses("host/core/planted.h", SPDX + '#include "clock.h"\n', 2, "is not of host/")
        self.refuses("host/attic/planted.h", SPDX, 1, "has no place in the order")

    def test_a_library_is_kept_to_its_folder(self):
        for header, owner in (
            ("Poco/Net/StreamSocket.h", "net"),
            ("yaml-cpp/yaml.h", "settings"),
            ("boost/dll/shared_library.hpp", "loading"),
            ("boost/beast/http.hpp", "wire"),
        ):
            text = f"{SPDX}#include <{header}>\n"
            self.refuses("host/app/planted.cpp", text, 2, f"host/{owner} only")
            self.accepts(f"host/{owner}/planted.cpp", text)
        self.accepts("host/app/planted.cpp", SPDX + "#include <Poco/Util/ServerApplication.h>\n")

    def test_a_link_against_the_order_is_refused(self):
        path = "host/core/planted/CMakeLists.txt"
        upwards = "syncline_library(x\n  SOURCES a.cpp\n  DEPENDS\n    app)\n"
        self.refuses(path, upwards, 4, "host/core may not use app")
        self.refuses(path, "target_link_libraries(x PRIVATE syncline::json)\n", 1, "not use json")
        self.refuses(path, "syncline_library(x LIBRARIES Poco::Net)\n", 1, "host/net only")
        self.accepts(path, "# DEPENDS app\nsyncline_library(x DEPENDS core LIBRARIES fmt::fmt)\n")

    def test_a_plugin_that_looks_into_the_host_is_refused(self):
        path = "plugins/messages/planted_name/planted.cpp"
        self.refuses(path, SPDX + '#include "core/clock.h"\n', 2, "plugin-api only")
        climbing = SPDX + '#include "../../../host/core/clock.h"\n'
        self.refuses(path, climbing, 2, "is not of this plugin")
        self.accepts(path, SPDX + "#include <syncline/plugin.hpp>\n#include <sqlite3.h>\n")
        self.refuses(
            "plugins/messages/planted_name/CMakeLists.txt",
            "target_link_libraries(x PRIVATE syncline::core)\n",
            1,
            "plugin-api only",
        )

    def test_the_plugin_api_stays_below_the_host(self):
        path = "plugin-api/include/syncline/planted.hpp"
        self.refuses(path, SPDX + "#include <core/clock.h>\n", 2, "stands below")
        self.refuses(path, SPDX + "#include <spdlog/spdlog.h>\n", 2, "plugin's author")
        self.accepts(path, SPDX + "#include <string_view>\n#include <syncline/abi.h>\n")

    def test_the_token_library_knows_nothing_of_syncline(self):
        path = "plugins/auth/jose/planted.cpp"
        self.refuses(path, SPDX + '#include "core/clock.h"\n', 2, "a plugin sees plugin-api only")
        self.refuses(path, SPDX + "#include <syncline/abi.h>\n", 2, "is Syncline's")
        self.accepts(path, SPDX + '#include <jose/key.h>\n#include <openssl/evp.h>\n')

    def test_a_component_named_in_the_host_is_refused(self):
        path = "host/session/planted.cpp"
        for text in (
            'auto x = "planted_name";\n',
            'auto x = "planted_name"sv;\n',
            'auto x = u8"planted_" /* split */ "name";\n',
            'auto x = R"--(planted_name)--";\n',
            "char a = '\"'; auto n = 1'000; auto x = \"planted_name\";\n",
        ):
            self.refuses(path, SPDX + text, 2, '"planted_name" names the component')

    def test_a_longer_literal_or_a_comment_is_accepted(self):
        path = "host/session/planted.cpp"
        for text in (
            'auto x = "no planted_name here";\n',
            '// "planted_name"\n',
            "/* \"planted_name\" */ char quote = '\"';\n",
            'auto planted_name = f("a", "b");\n',
            'auto x = "\\"planted_name\\"";\n',
        ):
            self.accepts(path, SPDX + text)

    def test_an_excepted_literal_needs_a_reason_and_a_use(self):
        source, entry = "host/json/planted.cpp", "host/json/planted.cpp planted_name"
        self.plant(source, SPDX + 'auto x = "planted_name";\n')
        self.assertEqual(len(self.new_findings()), 1)
        self.plant(check.ALLOWED_LITERALS, f"{entry} a member of a standard\n")
        self.assertEqual(self.new_findings(), [])
        os.remove(os.path.join(self.root, source))
        self.expect(check.ALLOWED_LITERALS, 1, "any more")
        self.setUp()
        self.plant(check.ALLOWED_LITERALS, f"{entry}\n")
        self.expect(check.ALLOWED_LITERALS, 1, "reason")

    def test_a_long_file_or_one_without_licence_is_refused(self):
        path = "host/core/planted.cpp"
        self.refuses(path, "int x;\n", 1, "lacks its line")
        self.refuses(path, SPDX + "\n" * check.HOST_LINES_MAX, 601, "601 lines")
        self.accepts(path, SPDX + "\n" * (check.HOST_LINES_MAX - 1))


class PlantedInSyncline(Planted):
    def fill(self):
        for part in TREE:
            if os.path.isdir(os.path.join(ROOT, part)):
                shutil.copytree(os.path.join(ROOT, part), os.path.join(self.root, part))

    def test_a_planted_upward_include_is_refused(self):
        self.plant("host/core/clock.h", '#include "app/planted.h"\n')
        line = self.text("host/core/clock.h").count("\n")
        self.expect("host/core/clock.h", line, "host/core may not use app")

    def test_a_planted_name_is_refused(self):
        self.plant("host/core/clock.cpp", 'const char* planted = "planted_name";\n')
        line = self.text("host/core/clock.cpp").count("\n")
        self.expect("host/core/clock.cpp", line, '"planted_name" names the component')

    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()


if __name__ == "__main__":
    unittest.main()
