# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A short front for CMake. Each target installs the Debian/Ubuntu packages it needs when they are
# missing (TESSERA_NO_INSTALL=1 turns that into a list and an error).
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600
CONFIGURE = cmake -S . -G Ninja
LOUD = ctest --output-on-failure --no-tests=error -j $(JOBS)

.PHONY: all demo test unit check fmt fuzz soak bench install clean golden-update deps-%

all: deps-build
	@$(CONFIGURE) -B build/release -DCMAKE_BUILD_TYPE=Release >/dev/null
	@cmake --build build/release -j $(JOBS)

demo: all
	@tools/demo.sh build/release/tessera

build/test/build.ninja: CMakeLists.txt
	@$(CONFIGURE) -B build/test -DCMAKE_BUILD_TYPE=Debug -DTESSERA_SANITIZE=ON -DTESSERA_TESTS=ON >/dev/null

test: deps-test build/test/build.ninja
	@cmake --build build/test -j $(JOBS)
	@cd build/test && $(LOUD) -LE soak

unit: deps-test build/test/build.ninja
	@cmake --build build/test -j $(JOBS)
	@cd build/test && $(LOUD) -L unit

soak: deps-test build/test/build.ninja
	@cmake --build build/test -j $(JOBS)
	@cd build/test && $(LOUD) -L soak

golden-update: deps-test build/test/build.ninja
	@cmake --build build/test -j $(JOBS)
	@cd build/test && TESSERA_GOLDEN_UPDATE=1 ctest -L cli

check: deps-check
	@JOBS=$(JOBS) tools/check.sh

fmt: deps-check
	@tools/format.sh fix

fuzz: deps-fuzz
	@CC=clang-14 $(CONFIGURE) -B build/fuzz -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	  -DTESSERA_SANITIZE=ON -DTESSERA_LIBFUZZER=ON >/dev/null
	@cmake --build build/fuzz -j $(JOBS)
	@tools/fuzz.sh build/fuzz $(FUZZ_SECONDS)

bench: deps-test
	@$(CONFIGURE) -B build/bench -DCMAKE_BUILD_TYPE=Release -DTESSERA_TESTS=ON >/dev/null
	@cmake --build build/bench -j $(JOBS)
	@bench/run.sh build/bench/tessera

install: all
	@cmake --install build/release --prefix "$(PREFIX)"

clean:
	@rm -rf build demo

deps-%:
	@tools/deps.sh $*
