# Two commands on a fresh machine: `make demo` and `make test`. Everything is installed into .venv from locked versions.

PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,$(if $(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(p))))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench bench-matching bench-reliability docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "reconcile-tui needs Python 3.11 or newer; none was found. Install it, or name one: make PYTHON=/path/to/python3" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime ## set everything up and open the demo (without a terminal: the whole way in plain text)
	@$(BIN)/reconcile-tui demo

test: $(VENV)/.development ## set everything up and run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered

check: $(VENV)/.development ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.development ## measure everything; results as JSON in benchmarks/results
	$(BIN)/python -m benchmarks

bench-matching: $(VENV)/.development ## the matching engine beside its peers
	$(BIN)/python -m benchmarks matching

bench-reliability: $(VENV)/.development ## kill -9 at a thousand moments, and decisions and plans at scale
	$(BIN)/python -m benchmarks decisions reliability

docs: $(VENV)/.runtime ## draw the pictures and write the generated pages
	$(BIN)/python docs/generate.py
	$(BIN)/python -m reconcile_tui.cli.reference > docs/commands.md
	$(BIN)/python -m reconcile_tui.project.reference > docs/project-file.md
	$(BIN)/python -m reconcile_tui.matching.reference > docs/matching.md
	$(BIN)/python -m reconcile_tui.tui.actions > docs/keys.md
	$(BIN)/python -m reconcile_tui.sandbox.fidelity > docs/sandbox-fidelity.md
	$(BIN)/python -m reconcile_tui.readiness.reference checks > docs/checks.md
	$(BIN)/python -m reconcile_tui.readiness.reference transforms > docs/transforms.md

lock: ## renew the locked versions
	python3 -m venv $(VENV)-lock && $(VENV)-lock/bin/pip --quiet install uv
	$(VENV)-lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet pyproject.toml -o requirements.lock
	$(VENV)-lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet pyproject.toml --group test --group check -c requirements.lock -o requirements-dev.lock
	rm -r $(VENV)-lock

clean: ## remove what the targets made
	rm -rf $(VENV) dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
