# A plain `make`, as root on Debian 12 or 13, goes from nothing to build/pg-entrypoint: apt installs the tools that are missing,
# fetches the sources of all libraries and verifies them; they are built static with musl (entrypoint/deps.mk), then our own
# code is compiled and linked with them. `make help` tells what else there is.

TOOL_VERSION := 0.1.0

# Three builds of the same sources, each in a folder of its own:
#   make              build/pg-entrypoint        static, what people run
#   make DEV=1        build/dev/pg-entrypoint    dynamic, with AddressSanitizer and UndefinedBehaviorSanitizer
#   make DEV=plain    build/plain/pg-entrypoint  dynamic, without them: for valgrind, gdb and coverage (EXTRA=--coverage)
DEV          ?=
EXTRA        ?=
FUZZ_SECONDS ?= 30

# What the libraries take for the time of the build, so that two builds give the same bytes.
SOURCE_DATE_EPOCH ?= 1767225600

ifneq ($(filter-out 1 plain,$(DEV)),)
$(error DEV is 1, plain or nothing)
endif
O     := $(abspath build)$(addprefix /,$(subst 1,dev,$(DEV)))
SHELL := /bin/bash
.SUFFIXES:
.DELETE_ON_ERROR:
# All cores, unless the command line says otherwise; a make below this one shares its jobs.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

# ---- targets (a + before a script lets the makes in it share our jobs) --------------------------------------------------------
.PHONY: all image demo test test-docker test-long bench bench-docker lint unit fuzz fuzz-build drive deps flags clean help unit-link fuzz-link drive-link

all: $O/pg-entrypoint                   ## build/pg-entrypoint (DEV=1: build/dev/pg-entrypoint, with sanitizers)

image: all                              ## the image pg-entrypoint, of build/pg-entrypoint (docker/Dockerfile)
	@DOCKER_BUILDKIT=1 docker build --build-arg BINARY=local --build-arg VERSION=$(TOOL_VERSION) -t pg-entrypoint -f docker/Dockerfile .

demo: all                               ## a throwaway PostgreSQL, the sample application, three boots (KEEP=1 leaves it running)
	+@tests/demo/run

test: all                               ## all tests, with samples of the long ones
	+@tests/run

test-docker: all                        ## images and compose files, on an engine of the tests' own
	+@tests/run docker

test-long: all                          ## all tests in full
	+@tests/run long

bench: all                              ## the table of the README: ours beside dbmate, alembic, psql, pg_restore, tini and others
	+@tests/bench/run

bench-docker: all                       ## what a container's start costs with us, and without
	+@tests/docker/bench

lint:                                   ## the analysers, and the rules that a script can check
	+@tests/lint/run

unit:                                   ## the unit tests, with sanitizers
	@$(MAKE) --no-print-directory DEV=1 unit-link
	@failed=; for test in $(tests); do build/dev/unit/$$test || failed="$$failed $$test"; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

fuzz:                                   ## each fuzz target for FUZZ_SECONDS=30
	+@tests/fuzz/run $(FUZZ_SECONDS)

fuzz-build:                             ## the fuzz targets only: build/fuzz/NAME
	@$(MAKE) --no-print-directory DEV=1 fuzz-link

drive:                                  ## programs that drive a part of ours for the end-to-end tests
	@$(MAKE) --no-print-directory DEV=1 drive-link

deps:                                   ## the libraries only, without our own code

flags:                                  ## the compiler's flags, for tools that read C (make DEV=1 flags)
	@:$(info $(CPPFLAGS) $(CFLAGS))

clean:                                  ## away with build/, the libraries and the downloads too
	rm -rf build

help:                                   ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

# ---- our own code -----------------------------------------------------------------------------------------------------------

include entrypoint/deps.mk

# gcc 12 to 14 and clang 14 to 19 know all of these.
WARNINGS := -Wall -Wextra -Werror   # without -Wpedantic, which forbids POSIX formats like %1$s
WARNINGS += -Wshadow                # two things of one name in sight: one day the wrong one is meant
WARNINGS += -Wstrict-prototypes     # f() takes anything in C11
WARNINGS += -Wmissing-prototypes    # either static, or in a header that is included here too
WARNINGS += -Wwrite-strings         # string literals are const
WARNINGS += -Wconversion -Wno-sign-conversion  # a size_t that becomes an int loses half; signs would only be noise
WARNINGS += -Wcast-qual             # a cast must not lose const
WARNINGS += -Wformat=2              # formats are literals, or checked through the format attribute
WARNINGS += -Wvla                   # input must not choose the size of a stack frame
WARNINGS += -Wundef                 # a misspelt name in #if is 0
WARNINGS += -Wpointer-arith         # sizeof(void) is 1 for gcc only
WARNINGS += -Wdouble-promotion      # float has no place here
WARNINGS += -Wimplicit-fallthrough  # a missing break
WARNINGS += -Wredundant-decls       # two prototypes drift apart
WARNINGS += -Wdate-time             # __DATE__ would make two builds differ
WARNINGS += -Wswitch                # with no default, a new enumerator shows every switch that has to know it

CPPFLAGS := -D_GNU_SOURCE -DTOOL_VERSION='"$(TOOL_VERSION)"' $(INIH_FLAGS) -Ientrypoint -I$O -isystem $(SYSROOT)/include
CPPFLAGS += $(if $(DEV),-DKEEPS_BLOCKS=false)
# Strings stay with the file that they are in: merged with those of all libraries, the dozen that a start reads are a dozen pages.
CFLAGS    = -std=c11 $(WARNINGS) $(if $(DEV),$(SMALL),$(FAST) -fno-merge-constants) $(EXTRA)

sources  := $(wildcard entrypoint/*.c entrypoint/*/*.c)
objects  := $(sources:%.c=$O/obj/%.o)
# Where the kernel begins: entrypoint/start.c.
ENTRY    := $(if $(DEV),,$(if $(filter x86_64 aarch64,$(ARCH)),-Wl$(comma)-e$(comma)start_populated))
# entrypoint/db/scram.h.
WRAP     := -Wl$(comma)--wrap=scram_SaltedPassword$(comma)--wrap=pg_strong_random
# Flags and lists are kept in files, so that what they go into is made again when they change.
$(call record,$O/obj/compile.flags,$(CC) $(CPPFLAGS) $(CFLAGS))
$(call record,$O/obj/link.flags,$(CC) $(LDFLAGS) $(ENTRY) $(WRAP) $(objects) $(LIBS))

# (Linked beside it: somebody may be running it.)
$O/pg-entrypoint: $(objects) $O/obj/link.flags
	@echo "link    $(@:$(CURDIR)/%=%)"
	@$(CC) $(LDFLAGS) $(ENTRY) $(WRAP) $(EXTRA) $(if $(DEV),,-s) -o $@.new $(objects) $(LIBS)
	@mv $@.new $@

$O/obj/%.o: %.c $O/obj/compile.flags $O/versions.h
	@mkdir -p $(@D)
	@echo "compile $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- unit tests and fuzz targets: one program for each .c file, linked with all of ours but main.c (DEV=1 only) ---------------

tests    := $(basename $(notdir $(wildcard tests/unit/*.c)))
targets  := $(basename $(notdir $(wildcard tests/fuzz/*.c)))
library  := $(filter-out entrypoint/main.c,$(sources))

drivers  := $(basename $(notdir $(wildcard tests/drive/*.c)))

# As an archive: each program takes only what it calls.
$O/library.a: $(library:%.c=$O/obj/%.o)
%/library.a:
	@rm -f $@
	@$(AR) -rcT $@ $^

# What the fuzz targets take of it, as the linker tells: clang compiles no more than that. (Read by those makes only that link them.)
ifneq ($(filter fuzz-link,$(MAKECMDGOALS)),)
include build/fuzz/needed.mk
endif
build/fuzz/needed.mk: $(targets:%=build/fuzz/obj/tests/fuzz/%.o) $O/library.a
	@ld --trace --unresolved-symbols=ignore-all --allow-multiple-definition -o $@ $^ 2>/dev/null | \
		sed -n 's,^.*/dev/obj/,,p' | xargs echo needed := >$@.new
	@mv $@.new $@
build/fuzz/library.a: $(needed:%=build/fuzz/obj/%)

unit-link: $(tests:%=$O/unit/%)
drive-link: $(drivers:%=$O/drive/%)
fuzz-link: $(targets:%=build/fuzz/%)

$O/unit/%: $O/obj/tests/unit/%.o $O/library.a $O/obj/link.flags
	@mkdir -p $(@D)
	@echo "link    $(@:$(CURDIR)/%=%)"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS) -lcmocka
$(tests:%=$O/obj/tests/unit/%.o): | $(OK)/packages-unit

$O/drive/%: $O/obj/tests/drive/%.o $O/library.a $O/obj/link.flags
	@mkdir -p $(@D)
	@echo "link    $(@:$(CURDIR)/%=%)"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)

# libFuzzer is clang's, so that code is compiled by clang once more; PostgreSQL and inih are those of DEV=1. No header declares a
# target's only function; and of a static function that passes a format on, clang wants to be told so.
CLANG         ?= clang
FUZZ_SANITIZE := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZ_CFLAGS   := $(subst fuzzer,fuzzer-no-link,$(FUZZ_SANITIZE)) -Wno-missing-prototypes -Wno-format-nonliteral

build/fuzz/%: build/fuzz/obj/tests/fuzz/%.o build/fuzz/library.a $O/obj/link.flags
	@echo "link    $@"
	@$(CLANG) $(FUZZ_SANITIZE) -o $@ $(filter %.o %.a,$^) $(LIBS)

build/fuzz/obj/%.o: %.c $O/obj/compile.flags $O/versions.h | $(OK)/packages-fuzz
	@mkdir -p $(@D)
	@echo "compile $< for fuzzing"
	@$(CLANG) $(CPPFLAGS) $(CFLAGS) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

.SECONDARY:
-include $(sources:%.c=$O/obj/%.d) $(tests:%=$O/obj/tests/unit/%.d) $(drivers:%=$O/obj/tests/drive/%.d)
-include $(library:%.c=build/fuzz/obj/%.d) $(targets:%=build/fuzz/obj/tests/fuzz/%.d)
