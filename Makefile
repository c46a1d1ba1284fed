# `make` alone lists the targets. PYTHON=python3.13 gives another interpreter an environment of its own.
PYTHON ?= python3
ifeq ($(origin PYTHON),file)
VENV ?= .venv
else
VENV ?= .venv-$(notdir $(PYTHON))
endif
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help install run test check lint generate conformance bench soak docs dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## make the virtual environment with all that development needs

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "nimnet needs Python 3.11 or newer: name one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv module" >&2; exit 1; }
	@echo "installing into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: install ## lint the spec, regenerate, type-check, then demonstrate the library over loopback
	$(BIN)/nimnet-gen lint
	$(BIN)/nimnet-gen generate
	$(BIN)/mypy
	$(BIN)/python examples/loopback.py

test: check ## check, then run every test that can run here, with branch coverage
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --cov

check: install ## spec, drift of generated files, format, lint and types
	$(BIN)/nimnet-gen lint
	$(BIN)/nimnet-gen check
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy

lint: install ## check the spec alone
	$(BIN)/nimnet-gen lint

generate: install ## write what the spec changed
	$(BIN)/nimnet-gen generate

conformance: install ## run the generated tests alone
	$(BIN)/python -m pytest --numprocesses $(WORKERS) generated/conformance tests/typing

bench: install ## measure against socket, ssl and makefile, in one run
	$(BIN)/python tests/benchmarks/bench.py

soak: install ## minutes of full-duplex traffic and thousands of failing handshakes, every byte checked
	$(BIN)/python tests/soak/soak.py

docs: install ## regenerate the reference pages in generated/reference
	$(BIN)/nimnet-gen generate
	@echo "the reference starts at generated/reference/index.md"

dist: check ## build the wheel and the sdist into dist/
	$(BIN)/python -m build --no-isolation

clean: ## remove environments, caches and build results
	rm -rf .venv .venv-* dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
