#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# outside_tree.sh SOURCE_DIR BUILD_DIR OUTPUT_DIR: what an author does who has only the installed package.
set -euo pipefail
source=$1 build=$2 output=$3
cmake=${CMAKE_COMMAND:-cmake}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rm -rf "$output"
"$cmake" --install "$build" --prefix "$work/prefix" --component sdk >/dev/null
# Copies, so that nothing of this tree is found by accident.
cp -r "$source/plugins/template" "$work/template"
cp -r "$source/tests/plugins/plain_c" "$work/plain_c"

build_outside() { # NAME SOURCE [cmake arguments]
  local name=$1 folder=$2
  shift 2
  "$cmake" -S "$folder" -B "$work/build/$name" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$work/prefix" -DSYNCLINE_PLUGIN_OUTPUT_DIRECTORY="$output/$name" "$@" >/dev/null
  "$cmake" --build "$work/build/$name"
}

build_outside template "$work/template"
build_outside plain_c "$work/plain_c"
clang=$(command -v clang++-16 || command -v clang++ || true)
if [[ -n $clang ]]; then
  build_outside template_clang "$work/template" -DCMAKE_CXX_COMPILER="$clang"
else
  echo "clang++ is not installed: the plugin that it builds is left out"
fi

# A wrong major of the package must not be found.
mkdir "$work/future"
cat >"$work/future/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(Future LANGUAGES NONE)
find_package(SynclinePlugin 2 CONFIG REQUIRED)
EOF
if "$cmake" -S "$work/future" -B "$work/build/future" -DCMAKE_PREFIX_PATH="$work/prefix" \
  >/dev/null 2>&1; then
  echo "find_package(SynclinePlugin 2) found version 1" >&2
  exit 1
fi
