# SPDX-License-Identifier: Apache-2.0
"""Adds up what scripts/test left in a folder of results, as a table and one closing line.

Usage: add_up.py FOLDER. Reads CTest's JUnit files (PART.xml), those of the GoogleTest programs
that CTest ran (PART/PROGRAM.xml), other.txt with lines "name passed" or "name failed", and
failed_parts.txt with the parts where CTest itself said no: such a part has a failure, even if no
test of it ran. Fails if anything failed, or if nothing ran.
"""

import collections
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

# CTest's own words for tests that were meant to be left out. Every other test that did not run,
# because its program is missing for example, has failed.
LEFT_OUT = ("SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION", "Disabled")


def outcome(case):
    status = case.get("status")
    if status == "run":
        return "passed"
    if status == "disabled":
        return "skipped"
    skipped = case.find("skipped")
    if skipped is not None and any(word in skipped.get("message", "") for word in LEFT_OUT):
        return "skipped"
    return "failed"


def gtest_outcome(case):
    if case.find("failure") is not None:
        return "failed"
    return "passed" if case.get("result") == "completed" else "skipped"


def expanded(case, program):
    """A GoogleTest program is as many tests as it has; any other test of CTest is one."""
    name, status, seconds = case
    if not program.exists():
        return [case]
    cases = []
    for test in ElementTree.parse(program).getroot().iter("testcase"):
        full_name = f"{name} {test.get('classname')}.{test.get('name')}"
        cases.append((full_name, gtest_outcome(test), float(test.get("time"))))
    # Tests that all passed do not make up for a leak or a crash behind the last of them.
    if status == "failed" and all(outcome != "failed" for _, outcome, _ in cases):
        cases.append(case)
    return cases or [case]


def lines(file):
    return file.read_text().splitlines() if file.exists() else []


def read(folder):
    """part -> list of (test, outcome, seconds)"""
    parts = collections.OrderedDict()
    for file in sorted(folder.glob("*.xml"), key=lambda file: file.stat().st_mtime):
        parts[file.stem] = []
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            name = case.get("name")
            found = (name, outcome(case), float(case.get("time") or 0))
            parts[file.stem] += expanded(found, folder / file.stem / f"{name}.xml")
    for line in lines(folder / "other.txt"):
        name, status = line.split()
        parts.setdefault(name, []).append((name, status, 0.0))
    for part in lines(folder / "failed_parts.txt"):
        cases = parts.setdefault(part, [])
        if all(status != "failed" for _, status, _ in cases):
            cases.append(("no test ran, or ctest failed", "failed", 0.0))
    return parts


def main():
    parts = read(pathlib.Path(sys.argv[1]))
    total = collections.Counter()
    print(f"\n{'part':<24}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for part, cases in parts.items():
        count = collections.Counter(status for _, status, _ in cases)
        seconds = sum(taken for _, _, taken in cases)
        numbers = f"{count['passed']:>8}{count['failed']:>8}{count['skipped']:>9}"
        print(f"{part:<24}{numbers}{seconds:>9.1f}")
        total.update(count)
    for part, cases in parts.items():
        for name, status, _ in cases:
            if status != "passed":
                print(f"{status}: {name}" + ("" if name == part else f" ({part})"))
    tail = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{tail}")
    return 0 if total["passed"] and not total["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
