# shellcheck shell=bash disable=SC2034
# Shared by the scripts: where the tree is, which Debian packages it needs, how it is built.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export root
# Another checkout of the same source finds what this one has compiled.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=true

packages_to_build=(
    ccache cmake doctest-dev g++ libbotan-2-dev libcli11-dev libcurl4-openssl-dev libfmt-dev libkainjow-mustache-dev
    libp11-kit-dev libsqlite3-dev libssl-dev libtomlplusplus-dev ninja-build nlohmann-json3-dev pkg-config rapidjson-dev zlib1g-dev
)
packages_to_run=(ca-certificates libcurl4 openssl tzdata)
packages_to_test=(git mandoc openssh-client procps python3)
packages_of_peers=(age gcc gnutls-bin golang-go golang-golang-x-mod-dev hledger libnss3-tools nginx-light
                   openjdk-17-jre-headless openssh-server prometheus python3-cryptography-vectors python3-icalendar
                   python3-jsonschema python3-venv softhsm2 spin)
# Where npm came with another build of Node.js, Debian's cannot be installed beside it.
command -v npm >/dev/null || packages_of_peers+=(nodejs npm)
packages_to_bench=(python3 strace)
packages_of_clang=(clang-16 libclang-rt-16-dev)
packages_to_check=(clang-format-14 clang-tidy-16 codespell git libclang-16-dev llvm-16-dev mandoc python3 shellcheck)

say() { printf '%s\n' "$*" >&2; }

is_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs the packages of Debian that are missing; does nothing, and needs nobody's rights, if none is.
need_packages() {
    local missing=() package
    for package in "$@"; do is_installed "$package" || missing+=("$package"); done
    [ "${#missing[@]}" -eq 0 ] && return
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq >&2
    as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# build_preset PRESET [TARGET...]: configures and builds below build/PRESET.
build_preset() {
    local preset="$1"
    shift
    local targets=()
    [ "$#" -gt 0 ] && targets=(--target "$@")
    (cd "$root" && cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset" "${targets[@]}") >&2
}
