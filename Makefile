.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help install run test check eval fuzz bench docs lock format clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

install: $(INSTALLED) ## Install the locked environment into .venv

# The lock holds uv itself: pip brings it with its hash, then uv brings the rest.
$(INSTALLED): requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 install"; exit 1; }
	@test -x $(BIN)/uv || { awk '/^[a-zA-Z0-9]/ {keep = /^uv==/} keep && !/# via/' requirements-dev.lock > .venv/uv.lock; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock; }
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## Turn data/raw into a release in data/curated
	@$(BIN)/depeche run

test: install ## Run every test
	@$(BIN)/python -m pytest -q

check: install ## Lint, types, import direction
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

eval: install ## Score the extraction against the annotated articles and hold the floors
	@$(BIN)/python -m tests.eval.gate

fuzz: install ## Fuzz the readers and the text core (SECONDS=600)
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),600)

bench: install ## Measure the speed of each table against spaCy, which gets an environment of its own
	@test -x .venv/spacy/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python .venv/spacy
	@$(BIN)/uv pip install --quiet --python .venv/spacy/bin/python 'spacy>=3.8,<4'
	@$(BIN)/python benchmarks/tables.py $(or $(MEGABYTES),20) .venv/spacy/bin/python

docs: install ## Write the data dictionary again
	@$(BIN)/python -m transforms.dictionary > docs/data-dictionary.md

lock: install ## Resolve the dependencies again
	@$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" \
	  --python-version 3.11 pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" \
	  --python-version 3.11 --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

format: install ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove the environment and caches (not the data)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
