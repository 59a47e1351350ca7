# A thin front: every verb is a script in tools/, the build itself is meson's (meson.build).
PREFIX ?= /usr/local
DESTDIR ?=
T ?=
S ?= 60
N ?=

all:        ; @tools/build.sh debug
check:      ; @tools/check.sh
check-all:  ; @tools/check.sh --all
demo:       ; @tools/demo.sh
run:        ; @tools/demo.sh --run
bench:      ; @tools/bench.sh
proof:      ; @tools/proof.sh
fuzz:       ; @tools/fuzz.sh "$(T)" "$(S)"
cov:        ; @tools/cov.sh
mutate:     ; @tools/deps.sh build && tools/mutate.py $(N)
asan:       ; @tools/check.sh --asan
fmt:        ; @tools/fmt.sh
lint:       ; @tools/lint.sh
bless:      ; @tools/bless.sh
install:    ; @PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" tools/install.sh
new-test:   ; @tools/new-test.sh "$(N)"
dist:       ; @tools/dist.sh
clean:      ; @rm -rf build build-release build-asan build-tsan build-clang build-i386 build-s390x build-fuzz build-cov build-mutate cov
help:       ; @sed -n '/^    make /p' CONTRIBUTING.md

.PHONY: all check check-all demo run bench proof fuzz cov mutate asan fmt lint bless install new-test dist \
        clean help
.NOTPARALLEL:
