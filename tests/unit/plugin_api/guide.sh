#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# guide.sh SOURCE_DIR BUILD_DIR: types what docs/plugin-guide.md tells an author to type, in order.
set -euo pipefail
export SYNCLINE=$1 BUILD=$2
WORK=$(mktemp -d)
export WORK
trap 'rm -rf "$WORK"' EXIT
awk '/^```bash$/ { inside = 1; next } /^```$/ { inside = 0 } inside' \
  "$SYNCLINE/docs/plugin-guide.md" > "$WORK/guide"
[[ $(wc -l < "$WORK/guide") -gt 50 ]] || { echo "the guide has lost its commands" >&2; exit 1; }
cd "$SYNCLINE"
bash -euo pipefail "$WORK/guide"
