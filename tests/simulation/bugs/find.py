#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants each bug of this folder in a copy of the sources, builds the simulation with it, and
looks for it. Fails if a patch does not apply, does not compile, or is not found. Found is a bug by
a seed that fails with it and passes without it.

    find.py --source ROOT --build BUILD [--seeds 2000] [--jobs 2] [NAME]...

Only what a patch touches is compiled, as compile_commands.json says, and linked in front of the
build's own libraries. A patch changes .cpp files of host/ or plugins/, nothing else.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

FOLDER = pathlib.Path(__file__).resolve().parent
PROGRAM = "bin/syncline_simulation"


def run(command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **options)


def must(result, what):
    if result.returncode != 0:
        raise RuntimeError(f"{what}:\n{result.stdout[-3000:]}")
    return result.stdout


class Ground:
    """Where bugs are planted."""

    def __init__(self, source, build):
        self.source = source
        self.build = build
        self.folder = build / "bugs"
        self.commands = {entry["file"]: entry["command"]
                         for entry in json.loads((build / "compile_commands.json").read_text())}

    def link_of(self, target):
        lines = must(run(["ninja", "-C", str(self.build), "-t", "commands", target]), target)
        return lines.strip().splitlines()[-1]

    def plant(self, patch):
        place = self.folder / patch.stem
        shutil.rmtree(place, ignore_errors=True)
        changed = re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(), re.M)
        for name in changed:
            if not re.match(r"(host|plugins)/.*\.cpp$", name):
                raise RuntimeError(f"{patch.name} changes {name}")
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.source / name, place / name)
        must(run(["patch", "-p1", "--fuzz=3", "-i", str(patch)], cwd=place), "patch")
        shutil.copytree(self.build / "plugins", place / "plugins", symlinks=True,
                        dirs_exist_ok=True,
                        ignore=lambda folder, names: [n for n in names if not n.endswith(".so")
                                                      and not (pathlib.Path(folder) / n).is_dir()])
        objects = [self.compile(place, name) for name in changed]
        self.link(place, objects)
        return place / PROGRAM

    def compile(self, place, name):
        command = shlex.split(self.commands[str(self.source / name)])
        made = place / (name.replace("/", "_") + ".o")
        original = command[command.index("-o") + 1]
        command[command.index("-o") + 1] = str(made)
        command[command.index("-c") + 1] = str(place / name)
        # Includes beside the file are found beside the original.
        command += ["-iquote", str((self.source / name).parent)]
        for flag in ("-MD", "-Werror"):
            if flag in command:
                command.remove(flag)
        for flag in ("-MT", "-MF"):
            if flag in command:
                at = command.index(flag)
                del command[at:at + 2]
        must(run(command, cwd=self.build), f"compiling {name}")
        return name, original, made

    def link(self, place, objects):
        (place / "bin").mkdir()
        mine = [made for name, _, made in objects if name.startswith("host/")]
        command = self.link_of(PROGRAM).replace(f"-o {PROGRAM}",
                                                " ".join(map(str, mine))
                                                + f" -o {place / PROGRAM}")
        must(run(command, cwd=self.build, shell=True), "linking")
        for name, original, made in objects:
            if not name.startswith("plugins/"):
                continue
            library = self.library_of(original)
            command = self.link_of(library).replace(original, str(made))
            command = re.sub(r"-o \S+\.so", f"-o {place / library}", command)
            must(run(command, cwd=self.build, shell=True), "linking a plugin")

    def library_of(self, made):
        folder = re.search(r"CMakeFiles/(\S+?)\.dir/", made).group(1)
        for library in sorted((self.build / "plugins").rglob("*.so")):
            name = str(library.relative_to(self.build))
            if made in self.link_of(name):
                return name
        raise RuntimeError(f"no plugin is made of {folder}")


def failures(program, seeds):
    """The first seed that fails, with what it says; None: all pass."""
    result = run([str(program), "--seeds", seeds, "--jobs", "1", "--shrink", "0", "--quiet"],
                 timeout=900)
    found = re.search(r"^seed (\d+) FAILED: (.*)$", result.stdout, re.M)
    if found:
        return int(found.group(1)), found.group(2)
    if result.returncode != 0:  # it died of the bug, in a seed that it did not tell
        return 0, f"exit code {result.returncode}"
    return None


def find(ground, patch, seeds):
    began = time.monotonic()
    program = ground.plant(patch)
    built = time.monotonic() - began
    found = failures(program, f"1..{seeds}")
    if found and found[0] and failures(ground.build / PROGRAM, f"{found[0]}..{found[0]}"):
        raise RuntimeError(f"seed {found[0]} fails without it, too")
    shutil.rmtree(ground.folder / patch.stem, ignore_errors=True)
    return found, built, time.monotonic() - began - built


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", required=True, type=pathlib.Path)
    options.add_argument("--build", required=True, type=pathlib.Path)
    options.add_argument("--seeds", type=int, default=2000)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("names", nargs="*")
    given = options.parse_args()
    ground = Ground(given.source.resolve(), given.build.resolve())
    patches = [patch for patch in sorted(FOLDER.glob("*.patch"))
               if not given.names or patch.stem in given.names]
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        looked = [(patch, pool.submit(find, ground, patch, given.seeds)) for patch in patches]
        for patch, result in looked:
            try:
                found, built, seconds = result.result()
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"{patch.stem:30} NOT PLANTED: {error}", flush=True)
                missed += 1
                continue
            missed += 0 if found else 1
            what = f"seed {found[0]:4}" if found else f"NOT FOUND in {given.seeds} seeds"
            print(f"{patch.stem:30} {what}, {built:4.1f} s + {seconds:5.1f} s"
                  + (f": {found[1][:90]}" if found else ""), flush=True)
    print(f"{len(patches) - missed} of {len(patches)} planted bugs found")
    return 1 if missed or not patches else 0


if __name__ == "__main__":
    sys.exit(main())
