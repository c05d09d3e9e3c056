# almanac: `make demo` shows it, `make test` proves it, `make help` lists the rest.
# Sources are found by wildcard, so a new file needs no edit here. V=1 shows the commands.

FLAVOUR ?= release
WERROR ?= 0
T ?=
prefix ?= /usr/local
sysconfdir ?= /etc

B := build/$(FLAVOUR)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
ifneq ($(filter clean,$(MAKECMDGOALS)),)
# `make clean all` first cleans.
.NOTPARALLEL:
else ifeq ($(MAKELEVEL),0)
# A -j on the command line still wins.
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
MAKEFLAGS += --no-print-directory

Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '%-4s %s\n' $1 '$2')

# ---- Flags -----------------------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wvla -Walloca -Wpointer-arith -Wcast-qual -Wundef -Wwrite-strings
HARDENING := -fstack-protector-strong -fstack-clash-protection -fno-delete-null-pointer-checks -fPIE
HARDENING += $(if $(filter x86_64 i%86,$(shell uname -m)),-fcf-protection)
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack
OPTIMIZE := -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3

ifeq ($(FLAVOUR),release)
CC := gcc
HARDENING += -ftrivial-auto-var-init=zero
else ifeq ($(FLAVOUR),clang)
CC := clang
HARDENING += -ftrivial-auto-var-init=pattern
else ifeq ($(FLAVOUR),asan)
CC := gcc
OPTIMIZE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DALMANAC_TEST_DUMPABLE
LINK_HARDENING += -fsanitize=address,undefined
# The sanitizers' own code misleads these.
WARNINGS += -Wno-format-truncation -Wno-maybe-uninitialized -Wno-stringop-overflow
else ifeq ($(FLAVOUR),valgrind)
CC := gcc
OPTIMIZE := -O1 -DALMANAC_TEST_DUMPABLE
else
$(error FLAVOUR is release, clang, asan or valgrind, not '$(FLAVOUR)')
endif

CPPFLAGS := -D_GNU_SOURCE -I.
CFLAGS := -std=gnu11 -g $(OPTIMIZE) $(WARNINGS) $(HARDENING)
LDFLAGS := $(LINK_HARDENING) -Wl,--as-needed
LDLIBS := -lcurl -levent -linih -ljansson -lsodium -lsqlite3 -lncursesw -ltinfo
SANDBOX_LIBS := -levent -ljansson -lsodium
TEST_LIBS := -lcmocka
CONSOLE_TEST_LIBS := -lvterm -lutil

COMPILE = $(CC) $(CPPFLAGS) $(CFLAGS) $(if $(filter 1,$(WERROR)),-Werror) -MMD -MP

# ---- What there is ---------------------------------------------------------------------------------------------------

GENERATED := $(if $(wildcard store/schema/embed.awk),build/gen/store_schema.c)
LIBRARY_SOURCES := $(filter-out daemon/main.c tui/main.c,$(wildcard \
	ipc/base/*.c ipc/*.c store/*.c daemon/*.c daemon/*/*.c daemon/*/*/*.c tui/*.c))
SANDBOX_SOURCES := $(wildcard tests/sandbox/*.c)
SUPPORT_SOURCES := $(wildcard tests/support/*.c)
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
INTEGRATION_SOURCES := $(wildcard tests/integration/test_*.c)
CONSOLE_SOURCES := $(wildcard tests/console/test_*.c)
BENCH_SOURCES := $(wildcard tests/bench/*.c)
MAIN_SOURCES := $(wildcard daemon/main.c tui/main.c)

objects = $(patsubst %.c,$B/%.o,$1)
LIBRARY_OBJECTS := $(call objects,$(LIBRARY_SOURCES) $(GENERATED))
SANDBOX_OBJECTS := $(call objects,$(SANDBOX_SOURCES))
SUPPORT_OBJECTS := $(call objects,$(SUPPORT_SOURCES))
TEST_OBJECTS := $(call objects,$(UNIT_SOURCES) $(INTEGRATION_SOURCES) $(CONSOLE_SOURCES))

UNIT_TESTS := $(UNIT_SOURCES:%.c=$B/%)
CONSOLE_TESTS := $(CONSOLE_SOURCES:%.c=$B/%)
INTEGRATION_TESTS := $(INTEGRATION_SOURCES:%.c=$B/%) $(CONSOLE_TESTS)
BENCHES := $(BENCH_SOURCES:%.c=$B/%)
FAULTS := $(if $(wildcard tests/faults/preload.c),$B/tests/faults/preload.so)
PROGRAMS := $(if $(wildcard daemon/main.c),$B/almanacd) $(if $(wildcard tui/main.c),$B/almanac) \
	$(if $(wildcard tests/sandbox/main.c),$B/almanac-sandbox)
SUPPORT := $(if $(SUPPORT_SOURCES),$B/libsupport.a)

# ---- Building --------------------------------------------------------------------------------------------------------

.PHONY: all
all: $(PROGRAMS) $B/libalmanac.a

$B/almanacd: $B/daemon/main.o $B/libalmanac.a
$B/almanac: $B/tui/main.o $B/libalmanac.a
$B/almanac-sandbox: $(SANDBOX_OBJECTS)
$(UNIT_TESTS) $(INTEGRATION_TESTS): $B/%: $B/%.o $(SUPPORT) $B/libalmanac.a
$(BENCHES): $B/%: $B/%.o $B/libalmanac.a
$(INTEGRATION_TESTS): | $(FAULTS)

$B/almanacd $B/almanac $(BENCHES): LIBS = $(LDLIBS)
$B/almanac-sandbox: LIBS = $(SANDBOX_LIBS)
$(UNIT_TESTS) $(INTEGRATION_TESTS): LIBS = $(LDLIBS) $(TEST_LIBS)
$(CONSOLE_TESTS): LIBS = $(LDLIBS) $(TEST_LIBS) $(CONSOLE_TEST_LIBS)

$(PROGRAMS) $(UNIT_TESTS) $(INTEGRATION_TESTS) $(BENCHES): $B/flags
	$(call say,LD,$@)
	$Q$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)

$B/libalmanac.a: $(LIBRARY_OBJECTS) $B/library.list
$B/libsupport.a: $(SUPPORT_OBJECTS) $B/support.list
$B/lib%.a:
	$(call say,AR,$@)
	$Qrm -f $@ && ar rcs $@ $(filter %.o,$^)

$B/%.o: %.c $B/flags | build/packages.build
	$(call say,CC,$<)
	$Q mkdir -p $(@D)
	$Q$(COMPILE) -c -o $@ $<

$(TEST_OBJECTS) $(SUPPORT_OBJECTS): | build/packages.test

# Not under the sanitizers: they want to be the first library.
$(FAULTS): $B/%.so: %.c $B/flags | build/packages.test
	$(call say,LD,$@)
	$Q mkdir -p $(@D)
	$Q$(filter-out -fsanitize%,$(COMPILE)) -fPIC -shared -o $@ $<

build/gen/store_schema.c: store/schema/embed.awk $(wildcard store/schema/*.sql) store/schema
	$(call say,GEN,$@)
	$Q mkdir -p $(@D)
	$Qawk -f $< $(filter %.sql,$^) > $@.new && mv $@.new $@

# These change only when what they hold does, and then everything made with it is made anew.
$B/flags: CONTENT = $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LDLIBS)
$B/library.list: CONTENT = $(LIBRARY_OBJECTS)
$B/support.list: CONTENT = $(SUPPORT_OBJECTS)
$B/flags $B/library.list $B/support.list: FORCE
	@mkdir -p $(@D); echo '$(CONTENT)' | cmp -s - $@ || echo '$(CONTENT)' > $@

.PHONY: FORCE
FORCE:

-include $(patsubst %.o,%.d,$(LIBRARY_OBJECTS) $(SANDBOX_OBJECTS) $(SUPPORT_OBJECTS) $(TEST_OBJECTS) \
	$(call objects,$(MAIN_SOURCES) $(BENCH_SOURCES))) $(FAULTS:.so=.d)

# ---- Packages --------------------------------------------------------------------------------------------------------

.PHONY: deps
deps: build/packages.build build/packages.test build/packages.lint

# One after the other: apt has one lock.
build/packages.demo: | build/packages.build
build/packages.test: | build/packages.build
build/packages.lint: | build/packages.test
build/packages.valgrind: | build/packages.test
build/packages.%: etc/packages etc/install-packages.sh
	@mkdir -p $(@D)
	@sh etc/install-packages.sh $*
	@touch $@

# ---- Tests -----------------------------------------------------------------------------------------------------------
# T=word runs only the programs whose name holds the word.

.PHONY: test unit integration asan valgrind demo bench tests
test unit integration tests rules lint tidy: WERROR := 1

test: tests
	@sh tests/run.sh $B '$T' unit $(UNIT_TESTS) -- serial $(INTEGRATION_TESTS)

unit: tests
	@sh tests/run.sh $B '$T' unit $(UNIT_TESTS)

integration: tests
	@sh tests/run.sh $B '$T' serial $(INTEGRATION_TESTS)

tests: all $(UNIT_TESTS) $(INTEGRATION_TESTS)

asan:
	@$(MAKE) FLAVOUR=asan test

valgrind:
	@$(MAKE) FLAVOUR=valgrind valgrind-run
.PHONY: valgrind-run
valgrind-run: tests build/packages.valgrind
	@WRAP='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect' \
		sh tests/run.sh $B '$T' unit $(UNIT_TESTS)

demo: all build/packages.demo
	@BUILD=$B sh etc/demo.sh

bench: all $(BENCHES)
	@BUILD=$B sh tests/bench/run.sh

# ---- Rules, and tools that read ---------------------------------------------------------------------------------------

SOURCES := $(LIBRARY_SOURCES) $(MAIN_SOURCES) $(SANDBOX_SOURCES) \
	$(SUPPORT_SOURCES) $(UNIT_SOURCES) $(INTEGRATION_SOURCES) $(CONSOLE_SOURCES) $(BENCH_SOURCES)
HEADERS := $(wildcard ipc/*.h ipc/*/*.h store/*.h daemon/*.h daemon/*/*.h daemon/*/*/*.h tui/*.h tests/*/*.h)

.PHONY: lint rules check-headers tidy cppcheck format-check docs
lint: rules cppcheck tidy

# Some of the rules look at what is built.
rules: tests | build/packages.lint
	@sh tests/lint/selftest.sh
	@BUILD=$B sh tests/lint/run.sh

check-headers: | build/packages.test
	@sh tests/lint/headers.sh

# The analyzer does not know that a failed assertion of cmocka does not come back.
TEST_CHECKS := --checks=-clang-analyzer-core.*,-cert-err34-c
tidy_checks = $(if $(filter tests/unit/% tests/integration/% tests/console/% tests/support/%,$1),$(TEST_CHECKS))
tidy_facts = $(if $(filter tests/sandbox/% ipc/base/err.c,$1),,-include tests/lint/analyzer.h)

# A file is read again when it, or a header it includes, has changed: then its object is newer too.
tidy: $(SOURCES:%=build/tidy/%.ok)
build/tidy/%.c.ok: %.c $B/%.o .clang-tidy tests/lint/analyzer.h | build/packages.lint
	$(call say,TIDY,$<)
	$Q mkdir -p $(@D)
	$Qclang-tidy --quiet $(call tidy_checks,$<) $< -- -std=gnu11 $(CPPFLAGS) $(call tidy_facts,$<) 2>$@.err || \
		{ cat $@.err; exit 1; }
	@rm -f $@.err; touch $@

cppcheck: | build/packages.lint
	$(call say,CPPCHECK,)
	@mkdir -p build/cppcheck
	$Qcppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --std=c11 $(CPPFLAGS) -j2 \
		--cppcheck-build-dir=build/cppcheck --library=posix,gnu,sqlite3,libcurl --include=tests/lint/cppcheck.h \
		--suppressions-list=tests/lint/cppcheck.suppress $(SOURCES)

format-check: | build/packages.lint
	@clang-format --dry-run --Werror $(SOURCES) $(HEADERS)

# What is generated from the method table and kept with the sources.
docs: all
	$(call say,GEN,etc/openrpc.json)
	@$B/almanacd --print-openrpc > build/openrpc.json && mv build/openrpc.json etc/openrpc.json

# ---- Installing --------------------------------------------------------------------------------------------------------

.PHONY: install clean help
install: all
	install -d $(DESTDIR)$(prefix)/sbin $(DESTDIR)$(prefix)/bin $(DESTDIR)$(sysconfdir)/almanac \
		$(DESTDIR)$(prefix)/lib/systemd/system $(DESTDIR)$(prefix)/lib/sysusers.d $(DESTDIR)$(prefix)/lib/tmpfiles.d
	install -m 755 $B/almanacd $(DESTDIR)$(prefix)/sbin
	install -m 755 $B/almanac $(DESTDIR)$(prefix)/bin
	sed -e 's|/usr/sbin|$(prefix)/sbin|; s|/etc/almanac|$(sysconfdir)/almanac|g' etc/almanacd.service \
		> $(DESTDIR)$(prefix)/lib/systemd/system/almanacd.service
	install -m 644 etc/almanac.sysusers $(DESTDIR)$(prefix)/lib/sysusers.d/almanac.conf
	install -m 644 etc/almanac.tmpfiles $(DESTDIR)$(prefix)/lib/tmpfiles.d/almanac.conf
	for file in almanacd.conf policy.conf; do \
		to=$(DESTDIR)$(sysconfdir)/almanac/$$file; \
		if [ -e $$to ]; then to=$$to.new; fi; \
		install -m 640 etc/$$file $$to; \
	done

clean:
	rm -rf build

help:
	@echo 'make               build everything into build/release (FLAVOUR=release, clang, asan, valgrind)'
	@echo 'make demo          the whole thing against a fake provider'
	@echo 'make test          unit and integration tests (T=word: only some); also: unit, integration'
	@echo 'make asan          the same under the address and undefined-behaviour sanitizers; valgrind: unit tests'
	@echo 'make lint          the rules of the house, clang-tidy, cppcheck; alone: rules, tidy, cppcheck'
	@echo 'make format-check  what clang-format would change (advice only)'
	@echo 'make bench         numbers'
	@echo 'make docs          regenerate what is generated from the method table'
	@echo 'make install       with prefix, sysconfdir, DESTDIR'
	@echo 'make deps          install the Debian packages of etc/packages'
