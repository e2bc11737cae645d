# SPDX-License-Identifier: Apache-2.0
"""Reads C, C++ and CMake files far enough to see includes, string literals and link lists."""

import os
import re

C_SUFFIXES = (".h", ".hpp", ".c", ".cpp")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "data"}

# Order matters: a comment mark inside a string is no comment, and the other way round.
_TOKEN = re.compile(
    r"""
      (?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
    | (?P<raw> (?:u8|[uUL])?R"(?P<fence>[^\s()\\]{0,16})\((?P<raw_text>.*?)\)(?P=fence)" )
    | (?P<string> (?:u8|[uUL])?"(?P<text>(?:\\.|[^"\\\n])*)" )
    | (?P<char> (?:u8|[uUL])?'(?:\\.|[^'\\\n])+' )
    | (?P<number> \.?\d(?:'?[\w.])* )
    | (?P<word> [A-Za-z_]\w* )
    | (?P<space> \s+ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")', re.MULTILINE
)
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*include[^\n]*", re.MULTILINE)
_LINK = re.compile(r"[Ss]yncline::(\w+)")
_DEPENDS = re.compile(r"\bDEPENDS\b([^)]*)")
_KEYWORD = re.compile(r"\b[A-Z][A-Z_]{3,}\b")


def walk(root, folders, suffixes=C_SUFFIXES):
    """Paths below root, relative to it, sorted."""
    found = []
    for folder in folders:
        for here, below, names in os.walk(os.path.join(root, folder)):
            below[:] = [name for name in below if name not in SKIPPED_FOLDERS]
            found += [
                os.path.relpath(os.path.join(here, name), root)
                for name in names
                if name.endswith(suffixes)
            ]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def _without_comments(text):
    def blank(match):
        token = match.group(0)
        return re.sub(r"[^\n]", " ", token) if match.lastgroup == "comment" else token

    return _TOKEN.sub(blank, text)


def includes(text):
    """(line, path, quoted) of each #include."""
    for match in _INCLUDE.finditer(_without_comments(text)):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match.group(1) or match.group(2), match.group(2) is not None


def literals(text):
    """(line, content) of each string literal; adjacent ones count as the one they become."""
    code = _DIRECTIVE.sub(lambda match: " " * len(match.group(0)), _without_comments(text))
    start, parts = 0, []
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup
        if kind in ("raw", "string"):
            if not parts:
                start = match.start()
            parts.append(match.group("raw_text" if kind == "raw" else "text"))
        elif kind != "space" and parts:
            yield code.count("\n", 0, start) + 1, "".join(parts)
            parts = []
    if parts:
        yield code.count("\n", 0, start) + 1, "".join(parts)


def cmake_uses(text):
    """(line, name) of each library of this project that a CMakeLists.txt links or DEPENDS on."""
    code = re.sub(r"#[^\n]*", lambda match: " " * len(match.group(0)), text)
    for match in _LINK.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match.group(1)
    for match in _DEPENDS.finditer(code):
        listed = _KEYWORD.split(match.group(1))[0]
        for word in re.finditer(r"\S+", listed):
            yield code.count("\n", 0, match.start(1) + word.start()) + 1, word.group(0)


def cmake_words(text):
    """(line, word) of everything in a CMakeLists.txt that is not a comment."""
    for number, line in enumerate(text.split("\n"), 1):
        for word in re.findall(r"[\w:.+-]+", line.split("#")[0]):
            yield number, word
