#!/bin/sh
# make check: format, text and layer rules, warnings as errors under gcc and clang, static analysis.
set -eu
cd "$(dirname "$0")/.."
JOBS=${JOBS:-2}
step() { echo "== $*"; }

step "format (clang-format 14)"
tools/format.sh check
step "text rules and source keys"
tools/check-text.sh
step "layers"
tools/check-layers.sh
step "shell scripts (shellcheck)"
# SC2086: package and file lists are split on purpose; SC2154, SC1090: the CLI tests are sourced.
git ls-files -co --exclude-standard '*.sh' .ci/run | xargs shellcheck -s sh -e SC2013,SC2086,SC2154,SC1090,SC2034,SC2148,SC3040

for compiler in gcc clang-14; do
    step "warnings as errors ($compiler)"
    CC=$compiler cmake -S . -B build/check-$compiler -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DTESSERA_WERROR=ON -DTESSERA_TESTS=ON >/dev/null
    cmake --build build/check-$compiler -j "$JOBS" >build/check-$compiler.log 2>&1 || {
        grep -E 'error|warning' -A 6 build/check-$compiler.log
        exit 1
    }
done

step "clang-tidy"
git ls-files -co --exclude-standard 'src/*.c' | xargs -P "$JOBS" -n 4 clang-tidy-14 -quiet -p build/check-clang-14 2>build/clang-tidy.log
step "cppcheck"
cppcheck -q --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem -I include -j "$JOBS" src
echo "check: clean"
