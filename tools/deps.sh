#!/bin/sh
# Usage: tools/deps.sh build|test|check|fuzz
# See that the Debian/Ubuntu packages of a task are there; install what is missing and say so.
# TESSERA_NO_INSTALL=1: only list what is missing, and fail.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libyajl-dev libexpat1-dev uuid-dev"
case "${1:-}" in
build) wanted="$build" ;;
test) wanted="$build libcmocka-dev" ;;
check) wanted="$build libcmocka-dev clang-14 clang-format-14 clang-tidy-14 cppcheck shellcheck" ;;
fuzz) wanted="$build clang-14 libclang-rt-14-dev" ;;
*) echo "usage: $0 build|test|check|fuzz" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    # Not Debian: trust the person who set the machine up; CMake names what it misses.
    exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qx "$package" || missing="$missing $package"
done
# pkgconf provides pkg-config on newer releases, under its own name.
case "$missing" in *pkg-config*) command -v pkg-config >/dev/null 2>&1 && missing=$(echo "$missing" | sed 's/ pkg-config//') ;; esac
[ -n "$missing" ] || exit 0

if [ "${TESSERA_NO_INSTALL:-}" = 1 ]; then
    echo "missing packages:$missing" >&2
    echo "install them with: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "missing packages:$missing" >&2
        echo "not root and no sudo here; ask an administrator to install them" >&2
        exit 1
    }
    as_root=sudo
fi
echo "installing with apt-get:$missing"
log=$(mktemp)
if ! { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "apt-get could not install:$missing" >&2
    exit 1
fi
rm -f "$log"
