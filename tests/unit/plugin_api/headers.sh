#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh INCLUDE_DIR CC CXX: each public header compiles alone, without one warning.
set -euo pipefail
include=$1 cc=$2 cxx=$3
strict=(-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -I "$include")
clang=$(command -v clang-16 || command -v clang || true)

check_c() { "$1" -std=c11 -pedantic -pedantic-errors "${strict[@]}" -x c - <<<'#include <syncline/abi.h>
SYNCLINE_MANIFEST("{}");
const syncline_plugin* syncline_plugin_v1(void) { return 0; }'; }

check_cpp() {
  local compiler=$1 header
  (cd "$include" && find syncline -name '*.h' -o -name '*.hpp') | sort | while read -r header; do
    "$compiler" -std=c++17 -pedantic-errors "${strict[@]}" -x c++ - <<<"#include <$header>"
  done
}

check_c "$cc"
check_cpp "$cxx"
if [[ -n $clang ]]; then
  check_c "$clang"
  check_cpp "$clang"
else
  echo "clang is not installed: only $cxx was asked"
fi
