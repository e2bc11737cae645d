# SPDX-License-Identifier: Apache-2.0
"""Holds the tree to its own rules: who may use what, and what host/ may not name.

Usage: check.py ROOT. Prints one line a finding and fails if there is any.
"""

import os
import sys

import sources

# Each folder of host/ may use those to its left.
CHAIN = "core observe json wire broadcast channel pipeline session bridge gateway app".split()
# These stand beside the chain; gateway and app join them.
BESIDE = {
    "net": {"core", "observe"},
    "settings": {"core", "observe", "json"},
    "loading": {"core", "observe", "json"},
}
JOINING = {"gateway", "app"}

# A library that only one folder of host/ may use: by include, and by CMake target.
RESERVED_INCLUDES = {
    "Poco/Net/": "net",
    "yaml-cpp/": "settings",
    "boost/dll": "loading",
    "boost/beast": "wire",
}
RESERVED_TARGETS = {"Poco::Net": "net", "Poco::NetSSL": "net", "yaml-cpp": "settings"}

# Not in what a plugin's author includes.
FOREIGN_TO_AUTHORS = ("Poco/", "boost/", "yaml-cpp/", "spdlog/", "fmt/", "simdjson", "rapidjson/")

JOSE = "plugins/auth/jose"
PLUGIN_KINDS = "messages stages auth storage conflict broker".split()
C_FOLDERS = "plugin-api host plugins tests clients config docs".split()
HOST_LINES_MAX = 600
LICENCE = "SPDX-License-Identifier: Apache-2.0"
ALLOWED_LITERALS = "tests/layering/allowed_literals.txt"


def may_use():
    """folder -> the folders that it may use, itself among them."""
    table = {folder: below | {folder} for folder, below in BESIDE.items()}
    for at, folder in enumerate(CHAIN):
        table[folder] = set(CHAIN[: at + 1])
        if folder in JOINING:
            table[folder] |= set(BESIDE)
    return table


MAY_USE = may_use()


def upwards(folder, target):
    allowed = " ".join(sorted(MAY_USE[folder] - {folder})) or "nothing of host/"
    return f"host/{folder} may not use {target}; it may use: {allowed}"


def starts_with_host_folder(path):
    first = path.split("/")[0]
    return first if "/" in path and first in MAY_USE else None


def check_host_include(folder, path, quoted):
    if ".." in path.split("/"):
        return f"'{path}' climbs; write it as \"folder/file.h\""
    for prefix, owner in RESERVED_INCLUDES.items():
        if path.startswith(prefix) and folder != owner:
            return f"{path} may be included by host/{owner} only"
    target = starts_with_host_folder(path)
    if target and target not in MAY_USE[folder]:
        return upwards(folder, target)
    if quoted and not target and not path.startswith("syncline/"):
        return f"'{path}' is not of host/ or plugin-api; write it as \"folder/file.h\" or <library>"
    return None


def check_host(root):
    for path in sources.walk(root, ["host"]):
        parts = path.split("/")
        folder = parts[1]
        if len(parts) < 3 or folder not in MAY_USE:
            yield path, 1, f"host/{folder} has no place in the order; give it one in check.py"
            continue
        text = sources.read(root, path)
        for line, included, quoted in sources.includes(text):
            problem = check_host_include(folder, included, quoted)
            if problem:
                yield path, line, problem
        lines = text.count("\n")
        if lines > HOST_LINES_MAX:
            yield path, lines, f"{lines} lines; {HOST_LINES_MAX} is the most, 400 the aim"


def check_host_cmake(root):
    for path in sources.walk(root, ["host"], ("CMakeLists.txt",)):
        folder = path.split("/")[1]
        if folder not in MAY_USE:
            continue
        text = sources.read(root, path)
        for line, target in sources.cmake_uses(text):
            if target in MAY_USE and target not in MAY_USE[folder]:
                yield path, line, upwards(folder, target)
        for line, word in sources.cmake_words(text):
            owner = RESERVED_TARGETS.get(word, folder)
            if owner != folder:
                yield path, line, f"{word} may be linked by host/{owner} only"


def plugin_home(path):
    """The folder that a plugin's own includes must stay in."""
    parts = path.split("/")
    return "/".join(parts[: 2 if parts[1] not in PLUGIN_KINDS else 3])


def check_plugin_include(root, path, included, quoted):
    target = starts_with_host_folder(included)
    if target:
        return f"{included} is of host/{target}; a plugin sees plugin-api only"
    if not quoted or included.startswith("syncline/"):
        return None
    home = plugin_home(path)
    for start in (os.path.dirname(path), home):
        found = os.path.normpath(os.path.join(start, included))
        if found.startswith(home + "/") and os.path.exists(os.path.join(root, found)):
            return None
    return f"'{included}' is not of this plugin; write a library's header as <...>"


def check_plugins(root):
    for path in sources.walk(root, ["plugins"]):
        for line, included, quoted in sources.includes(sources.read(root, path)):
            problem = check_plugin_include(root, path, included, quoted)
            if problem:
                yield path, line, problem
    for path in sources.walk(root, ["plugins"], ("CMakeLists.txt",)):
        for line, target in sources.cmake_uses(sources.read(root, path)):
            if target in MAY_USE:
                yield path, line, f"links host/{target}; a plugin sees plugin-api only"


def check_plugin_api(root):
    for path in sources.walk(root, ["plugin-api"]):
        for line, included, _ in sources.includes(sources.read(root, path)):
            if starts_with_host_folder(included):
                yield path, line, f"{included} is of host/; plugin-api stands below it"
            elif path.startswith("plugin-api/include/") and included.startswith(FOREIGN_TO_AUTHORS):
                yield path, line, f"{included} would reach every plugin's author"


def check_jose(root):
    """A library like one from outside, beside the plugins: so it does not use plugin-api either."""
    for path in sources.walk(root, [JOSE]):
        for line, included, _ in sources.includes(sources.read(root, path)):
            if included.startswith("syncline/"):
                yield path, line, f"{included} is Syncline's; {JOSE} knows nothing of it"


def component_names(root):
    """name -> its folder, for each shipped component: the folders' names are the names."""
    names = {}
    for kind in PLUGIN_KINDS:
        folder = os.path.join(root, "plugins", kind)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if os.path.isdir(os.path.join(folder, name)):
                names.setdefault(name, f"plugins/{kind}/{name}")
    return names


def allowed_literals(root):
    """((file, literal) -> its line in the list, the findings in the list itself)"""
    allowed, findings = {}, []
    path = os.path.join(root, ALLOWED_LITERALS)
    lines = sources.read(root, ALLOWED_LITERALS).split("\n") if os.path.exists(path) else []
    for number, line in enumerate(lines, 1):
        fields = line.split(None, 2)
        if not fields or fields[0].startswith("#"):
            continue
        if len(fields) < 3:
            findings.append((ALLOWED_LITERALS, number, "an entry is: file, literal, reason"))
            continue
        allowed[(fields[0], fields[1])] = number
    return allowed, findings


def check_names(root):
    """No component is named in host/: what is asked of one stands in its manifest."""
    names = component_names(root)
    allowed, findings = allowed_literals(root)
    yield from findings
    used = set()
    for path in sources.walk(root, ["host"]):
        for line, literal in sources.literals(sources.read(root, path)):
            if literal not in names:
                continue
            if (path, literal) in allowed:
                used.add((path, literal))
                continue
            yield path, line, (
                f'"{literal}" names the component in {names[literal]}; '
                f"if it means something else here, say what in {ALLOWED_LITERALS}"
            )
    for path, literal in sorted(set(allowed) - used):
        line = allowed[(path, literal)]
        yield ALLOWED_LITERALS, line, f'nothing needs "{literal}" in {path} any more'


def check_licences(root):
    for path in sources.walk(root, C_FOLDERS):
        if LICENCE not in "\n".join(sources.read(root, path).split("\n")[:3]):
            yield path, 1, f"lacks its line '{LICENCE}'"


CHECKS = (
    check_host,
    check_host_cmake,
    check_plugins,
    check_plugin_api,
    check_jose,
    check_names,
    check_licences,
)


def findings(root):
    return [f"{path}:{line}: {text}" for check in CHECKS for path, line, text in check(root)]


def main():
    root = os.path.abspath(sys.argv[1])
    found = findings(root)
    for finding in found:
        print(finding)
    files = len(sources.walk(root, C_FOLDERS))
    print(f"layering: {files} files, {len(component_names(root))} components, {len(found)} findings")
    # A root with nothing in it proves nothing.
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
