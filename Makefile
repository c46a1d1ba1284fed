# `make` alone lists the targets. PYTHON=python3.13 gives another interpreter an environment of its own.
PYTHON ?= python3
ifeq ($(origin PYTHON),file)
VENV ?= .venv
else
VENV ?= .venv-$(notdir $(PYTHON))
endif
ifneq ($(words $(VENV)),1)
$(error VENV is '$(VENV)', but make needs one path without spaces: name one with VENV=...)
endif
# The folder may have spaces in its name: where this is made absolute, it stands in quotes.
BIN := $(VENV)/bin
LOCK := dependencies/lock.txt
LOCKED := $(VENV)/.locked
INSTALLED := $(VENV)/.installed
# Environments beside it, to try other versions in.
COMPILED := $(VENV)-compiled
LOWEST := $(VENV)-lowest
NEWEST := $(VENV)-newest
# The releases of mypy that the check of effects works with, besides the locked one: the newest three in all.
MYPYS ?= 2.3.1 2.2.0
# The distributions that are made here, and what users can install besides. No index is asked for them.
DISTRIBUTIONS := . generator
PROJECTS := pyproject.toml generator/pyproject.toml
EXTRAS := idna mypy testing
# What wheels hold.
SOURCES := $(shell find runtime generated/nimnet -name '*.py' -o -name '*.toml' 2>/dev/null)
# Two for each processor: many tests wait, for deadlines and for other programs.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# Programs of the oracle mostly wait, so that more of them run at once than there are processors.
ORACLE_WORKERS ?= 6
# Fixed, because what is in them is removed.
override REFERENCE := generated/reference
override RESULTS := build/conformance
override WHEEL := build/wheel
# A project of its own, with another module of Nim: what is done here is done there, from its folder.
override EXAMPLE := examples/uri
in-example = cd $(EXAMPLE) && "$(abspath $(BIN))"

.DEFAULT_GOAL := help
.PHONY: help install run test test-compiled test-lowest test-newest effects-mypys check lint generate conformance oracle \
	bench bench-quick soak fuzz-spec \
	mutants faults misuse system-calls docs dist lock upgrade clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## make the virtual environment with all that development needs

$(INSTALLED): $(LOCKED) $(PROJECTS)
	@$(BIN)/python -m pip --isolated install --quiet --disable-pip-version-check --no-index \
		--no-build-isolation --check-build-dependencies --editable '.[dev]' --editable './generator[testing]' || \
		{ echo "if a pyproject.toml asks for what $(LOCK) does not have: run 'make lock'" >&2; exit 1; }
	@touch $@

$(LOCKED): $(LOCK)
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "nimnet needs Python 3.11 or newer: name one with PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV) || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv module" >&2; exit 1; }
	@echo "installing into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(LOCK)
	@touch $@

run: install ## lint the spec, regenerate, type-check, then demonstrate the library over loopback
	$(BIN)/nimnet-gen lint
	$(BIN)/nimnet-gen generate
	$(BIN)/mypy
	$(BIN)/python examples/loopback.py

test: check test-compiled ## check, then run every test that can run here, with branch coverage
	NIMNET_WHEEL="$(abspath $(WHEEL))" $(BIN)/python -m pytest --numprocesses $(WORKERS) --cov -p no:sugar

test-compiled: $(COMPILED)/.installed ## what is compiled, from its wheel: it must answer as the source does
	@ls $(WHEEL)/*-none-any.whl 2>/dev/null || { \
		NIMNET_EFFECTS_PYTHON="$(abspath $(COMPILED))/bin/python" \
		$(BIN)/python -m pytest --numprocesses $(WORKERS) -p no:sugar -q tests/effects/test_cases.py && \
		$(COMPILED)/bin/python -m pytest --numprocesses $(WORKERS) -p no:sugar -q \
		tests/runtime tests/injection tests/misuse generated/conformance; }

# Where nothing can be compiled the wheel is pure, the build says why, and what it holds is tested as source. Where peers
# are promised, so is the compiler. Everything else comes from the first environment and from the folders of the
# generator and the generated tests: lines of a .pth file add them behind the wheel, and not what .pth files in there add,
# which are the sources.
$(COMPILED)/.installed: $(INSTALLED) hatch_build.py $(SOURCES)
	@rm -rf $(WHEEL) && echo "compiling, for two minutes or so"
	@NIMNET_COMPILED=$${NIMNET_REQUIRE_PEERS:-0} $(BIN)/python -m hatchling build --target wheel --directory $(WHEEL)
	@"$(PYTHON)" -m venv --clear --without-pip $(COMPILED)
	@$(BIN)/uv pip install --quiet --offline --no-deps --python $(COMPILED)/bin/python $(WHEEL)/*.whl
	@purelib='import sysconfig; print(sysconfig.get_path("purelib"))'; \
		{ $(BIN)/python -c "$$purelib"; printf '%s\n' "$(abspath generator)" "$(abspath generated)"; } \
		> "$$($(COMPILED)/bin/python -c "$$purelib")/borrowed.pth"
	@touch $@

test-lowest: $(LOCKED) ## runtime, generator and conformance on the lowest versions that users can have
	@"$(PYTHON)" -m venv --clear --without-pip $(LOWEST)
	@$(BIN)/uv pip compile --quiet --python $(LOWEST)/bin/python --only-binary :all: --resolution lowest \
		--no-header --no-annotate --output-file $(LOWEST)/lowest.txt $(PROJECTS) $(EXTRAS:%=--extra %)
	@# What users do not have is of the lock: its pins, without the hashes, less those names.
	@sed 's/^\([^=]*==\).*/^\1/' $(LOWEST)/lowest.txt > $(LOWEST)/names.txt
	@sed -n 's/ *\\$$//; /^[a-z0-9.-]*==/p' $(LOCK) | grep -v -f $(LOWEST)/names.txt > $(LOWEST)/tools.txt
	@$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --only-binary :all: --resolution lowest \
		--requirement $(LOWEST)/tools.txt $(PROJECTS:%=--requirement %) $(EXTRAS:%=--extra %)
	$(call try,$(LOWEST))

test-newest: $(LOCKED) ## the same on the newest releases of everything, the tools included
	@"$(PYTHON)" -m venv --clear --without-pip $(NEWEST)
	@$(BIN)/uv pip install --quiet --python $(NEWEST)/bin/python $(PROJECTS:%=--requirement %) --extra dev --extra testing
	$(call try,$(NEWEST))

effects-mypys: install ## the cases of the mypy plugin on the other releases of mypy that it works with
	@for mypy in $(MYPYS); do \
		python="$(abspath $(VENV))-mypy-$$mypy/bin/python"; \
		"$(PYTHON)" -m venv --clear --without-pip $(VENV)-mypy-$$mypy && \
		$(BIN)/uv pip install --quiet --python "$$python" --only-binary :all: "mypy==$$mypy" \
			$$(sed -n 's/^\(hatchling==[^ ]*\).*/\1/p' $(LOCK)) --requirement pyproject.toml && \
		$(BIN)/uv pip install --quiet --python "$$python" --no-deps --no-build-isolation --editable . && \
		echo "mypy $$mypy" && \
		NIMNET_EFFECTS_PYTHON="$$python" $(BIN)/python -m pytest --numprocesses 2 -p no:sugar \
			tests/effects/test_cases.py || exit 1; \
	done

# Installs the distributions beside what they need, says what that is, and runs what depends on it.
define try
@$(BIN)/uv pip install --quiet --python $(1)/bin/python --no-deps --no-build-isolation $(DISTRIBUTIONS:%=--editable %)
@$(1)/bin/python --version && $(BIN)/uv pip freeze --quiet --python $(1)/bin/python --exclude-editable
@$(1)/bin/python -c 'from OpenSSL import SSL; print(SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode())'
$(1)/bin/python -m pytest --numprocesses $(WORKERS) -p no:sugar \
	tests/runtime tests/generator tests/testing generated/conformance
endef

check: install ## spec, drift of generated files, format, lint and types
	$(BIN)/nimnet-gen lint
	$(BIN)/nimnet-gen check
	$(in-example)/nimnet-gen lint
	$(in-example)/nimnet-gen check
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(in-example)/mypy
	@mkdir -p build
	$(BIN)/python tests/typing/overloaded.py > build/overloaded.txt
	$(BIN)/stubtest nimnet --mypy-config-file pyproject.toml --allowlist build/overloaded.txt
	@# For this it takes the interpreter that PATH has first.
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/basedpyright --verifytypes nimnet --ignoreexternal

lint: install ## check the spec alone
	$(BIN)/nimnet-gen lint

generate: install ## write what the spec changed
	$(BIN)/nimnet-gen generate
	$(in-example)/nimnet-gen generate

conformance: install ## run every scenario, compare with Nim, and report in generated/reference/conformance.html
	@rm -rf $(RESULTS) && mkdir -p $(RESULTS)
	@status=0; nim=; \
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --tb=short \
		--conformance-json $(RESULTS)/matrix.json --junitxml $(REFERENCE)/conformance.xml \
		generated/conformance tests/typing || status=$$?; \
	if command -v nim >/dev/null; then \
		$(BIN)/python -m pytest --numprocesses $(ORACLE_WORKERS) --tb=short \
			--oracle-all --oracle-json $(RESULTS)/oracle.json tests/oracle || status=$$?; \
		test ! -e $(RESULTS)/oracle.json || nim="--oracle $(RESULTS)/oracle.json"; \
	else \
		echo "nim is not installed: the report is without the oracle (Debian and Ubuntu: apt install nim)"; \
	fi; \
	$(BIN)/nimnet-gen report $(RESULTS)/matrix.json $$nim || status=$$?; \
	exit $$status

oracle: install ## ask Nim itself: in every scenario it must do what the specification says of it
	$(BIN)/python -m pytest --numprocesses $(ORACLE_WORKERS) --tb=short --oracle-all tests/oracle
	$(in-example)/python -m pytest --oracle-all tests/oracle

bench: install ## measure both builds against socket, ssl, makefile and Nim: ROWS='tls line' for some alone
	cd tests && "$(abspath $(BIN))"/python -m benchmarks $(ROWS)

bench-quick: install ## the same with few rounds, in less than a minute: to see that it works, or a large difference
	cd tests && "$(abspath $(BIN))"/python -m benchmarks --quick $(ROWS)

soak: install ## minutes of full-duplex traffic and thousands of failing handshakes, every byte checked
	$(BIN)/python tests/soak/soak.py

fuzz-spec: install ## try wrong specs: COUNT=1000 SECONDS=600 SEED=..., failing ones are kept in build/fuzz-spec
	PYTHONPATH=tests $(BIN)/python -m fuzzing --count $(or $(COUNT),1000) --seconds $(or $(SECONDS),600) \
		$(if $(SEED),--seed $(SEED))

mutants: install ## break the runtime in one way after the other: which statement notices?
	$(BIN)/python tests/faults/mutants.py

faults: install ## have every operation below every callable fail: which contract breaks?
	PYTHONPATH=tests $(BIN)/python -m injection $(if $(SAMPLE),--sample $(SAMPLE))

misuse: install ## call everything with what it must refuse, and where it cannot work: what leaves a trace?
	cd tests && "$(abspath $(BIN))"/python -m misuse

system-calls: install ## have the kernel fail below every callable, with strace: as at the seam?
	cd tests && "$(abspath $(BIN))"/python -m systemcalls

docs: install ## regenerate the reference pages in generated/reference
	$(BIN)/nimnet-gen generate
	@echo "the reference starts at generated/reference/index.md"

dist: check ## build the wheels and the sdists into dist/
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m build --no-isolation --outdir dist generator

lock: ## pin what the pyproject.toml files ask for, and move nothing else
upgrade: ## move every pin to the newest release
lock upgrade: $(LOCKED)
	@cp $(LOCK) $(VENV)/lock.txt
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --universal --python-version 3.11 --only-binary :all: \
		--generate-hashes --no-emit-index-url --emit-build-options --custom-compile-command 'make lock' \
		$(if $(filter upgrade,$@),--upgrade) --output-file $(VENV)/lock.txt $(PROJECTS) --extra dev --extra testing
	@$(BIN)/python dependencies/moved.py $(LOCK) $(VENV)/lock.txt
	@cmp -s $(VENV)/lock.txt $(LOCK) || cp $(VENV)/lock.txt $(LOCK)

clean: ## remove environments, caches and build results
	rm -rf $(REFERENCE)/conformance $(REFERENCE)/conformance.html $(REFERENCE)/conformance.json $(REFERENCE)/conformance.xml
	rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	rm -rf $(EXAMPLE)/build $(EXAMPLE)/.mypy_cache $(EXAMPLE)/.pytest_cache .nimnet-gen_cache $(EXAMPLE)/.nimnet-gen_cache
