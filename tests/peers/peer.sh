# shellcheck shell=bash disable=SC2034
# What the peers that are scripts share: a folder of their own, in which they run and which is their HOME, and the
# count of what the peer did not say as it must. Sourced, not run.
set -euo pipefail

program="${CONSORTIUM_BIN:?names the program under test}"
tests="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CONFIG_HOME="$folder/config"

# need PROGRAM PACKAGE: skips the whole test where it is missing.
need() {
    if command -v "$1" >/dev/null; then return; fi
    echo "$1 (package $2) is not installed"
    exit 77
}

# quietly COMMAND...: shows what it says only if it fails, which ends the test.
quietly() { "$@" >said 2>&1 || { tail -n 5 said; exit 1; }; }

# value POINTER: the value below data in JSON on standard input.
value() { python3 -c 'import json, sys
value = json.load(sys.stdin)["data"]
for part in sys.argv[1].split("/"): value = value[int(part) if part.isdigit() else part]
print(value)' "$1"; }

failures=0
# accepts WORDS COMMAND... and refuses WORDS COMMAND...: what the peer must say.
accepts() {
    local words="$1"
    shift
    "$@" >said 2>&1 || { failures=$((failures + 1)); printf 'not accepted: %s\n' "$words"; tail -n 5 said; }
}
refuses() {
    local words="$1"
    shift
    if "$@" >said 2>&1; then failures=$((failures + 1)); printf 'not refused: %s\n' "$words"; fi
}
# we_refuse STATUS WORDS COMMAND...: what our own program must refuse, with this exit status: one that crashes, or is
# called wrongly, has judged nothing.
we_refuse() {
    local wanted="$1" words="$2" status=0
    shift 2
    "$@" >said 2>&1 || status=$?
    if [ "$status" -eq "$wanted" ]; then return; fi
    failures=$((failures + 1))
    printf 'not refused with status %s but ended with %s: %s\n' "$wanted" "$status" "$words"
    tail -n 5 said
}
verdict() { [ "$failures" -eq 0 ]; }
