# The commands of this tree; each is one line of cmake, ctest or a script. `make` alone lists them.
JOBS ?= $(shell nproc)
CONFIGURE = cmake -S . -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 --log-level=WARNING
ASAN = -DCMAKE_BUILD_TYPE=Debug -DTRIBUTARY_SANITIZE=address,undefined
TSAN = -DCMAKE_BUILD_TYPE=Debug -DTRIBUTARY_SANITIZE=thread
CTEST = ctest --output-on-failure --no-tests=error -j $(JOBS) --test-dir
SECONDS_EACH ?= 60
CONFIG ?= config/laptop.yaml
export ASAN_OPTIONS = detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS = print_stacktrace=1
export TSAN_OPTIONS = halt_on_error=1:exitcode=66:suppressions=$(CURDIR)/tests/tsan.supp

help:    ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 10

run: install    ## install what is missing, build, start one broker with config/laptop.yaml and data in ./data
	@$(CONFIGURE) -B build/release >/dev/null
	@cmake --build build/release -j $(JOBS) --target tributaryd
	exec build/release/bin/tributaryd --config $(CONFIG)

build: install    ## release build of everything, in build/release
	@$(CONFIGURE) -B build/release >/dev/null
	@cmake --build build/release -j $(JOBS)

test: build    ## all tests
	@$(CTEST) build/release

asan: install    ## all tests with AddressSanitizer and UndefinedBehaviorSanitizer, in build/asan
	@$(CONFIGURE) -B build/asan $(ASAN) >/dev/null
	@cmake --build build/asan -j $(JOBS)
	@$(CTEST) build/asan

tsan: install    ## all tests with ThreadSanitizer, in build/tsan
	@$(CONFIGURE) -B build/tsan $(TSAN) >/dev/null
	@cmake --build build/tsan -j $(JOBS)
	@$(CTEST) build/tsan

races: build    ## ThreadSanitizer: what has threads, then the daemon under load
	@.ci/races

interop: build    ## data directories that are odd, full or read-only; where Apache Kafka lies beside this tree, its files and ours, moves of a node both ways, configs name by name
	@tests/interop/data-directories
	@if [ -x ../shared/checks/cluster/apache-kafka ]; then for check in kafka-directories adoption compare-configs; do \
	  tests/interop/$$check ../shared/checks/cluster/apache-kafka || exit 1; done; fi

fuzz: install    ## every fuzz target for SECONDS_EACH seconds, in build/fuzz
	@.ci/fuzz --seconds $(SECONDS_EACH)

sim: build    ## the simulations, with fresh seeds
	@.ci/simulate --seconds $(SECONDS_EACH)

bench: build    ## this broker and Apache Kafka in turns; ROWS and PAIRS choose what and how often
	@tests/bench/run $(if $(ROWS),--rows $(ROWS)) $(if $(PAIRS),--pairs $(PAIRS))

checks: build    ## the clients' own suites that lie beside this tree, as far as tests/interop/allow lists them
	@.ci/checks --all

lint: install    ## structure, format and, for files that differ from main, clang-tidy
	@.ci/lint

format: install    ## lay out all sources
	@git ls-files '*.cc' '*.h' | xargs -r clang-format-19 -i

install:
	@.ci/install

clean:    ## remove the builds; data stays
	rm -rf build

.PHONY: help run build test asan tsan races interop fuzz sim bench checks lint format install clean
