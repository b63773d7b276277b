# One file for everything a person does here. `make demo` and `make test` need nothing but Python 3.11+ and a
# package index.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# Where no bytecode may be kept, every server that a test starts would compile all modules anew.
test slow: export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install demo serve test slow check format conformance golden bench bench-1m bench-tenants proto clean

help:  ## what there is to make
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

install: $(STAMP)  ## a virtual environment with weavelet in it

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[embedded]" --group dev
	@touch $(STAMP)

demo: install  ## real texts, real models, every kind of search (KEEP=1 leaves the server up)
	$(BIN)/weavelet demo $(if $(KEEP),--keep)

serve: install  ## the server with embedded inference on the usual ports
	ENABLE_MODULES=$${ENABLE_MODULES:-text2vec-transformers,reranker-transformers} $(BIN)/weavelet serve

test: install  ## the tests
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

slow: install  ## the long torture tests
	$(BIN)/python -m pytest -m slow

check: install  ## format, lint, types, who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install  ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

conformance: install  ## the official Python client's own integration suite, against our server
	$(BIN)/python -m tests.conformance.run

golden: install  ## recorded answers of a real Weaviate, asked of our server: none worse than docs/compatibility.md says
	$(BIN)/python -m tests.golden

bench: install  ## speed and memory, beside plain libraries in the same run
	$(BIN)/python -m benchmarks

bench-1m: install  ## a million objects with their graph, beside a plain graph of the same vectors
	$(BIN)/python -m benchmarks.million

bench-tenants: install  ## ten thousand tenants: creating, opening, memory, files
	$(BIN)/python -m benchmarks.tenants

proto: install  ## the message classes from weavelet.proto
	$(BIN)/python -m weavelet.api.grpc.regenerate

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
