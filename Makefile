PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade \
	--no-emit-index-url --no-header --no-annotate

.PHONY: demo test constraints clean

demo: .venv/installed
	$(BIN)/sma demo

test: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 -m "not slow"

$(BIN)/python:
	$(PYTHON) -m venv .venv

# Exact versions, checked against their hashes; then the package itself, from here.
.venv/installed: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) --require-hashes --requirement constraints.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: .venv/installed pyproject.toml constraints-test.txt
	$(PIP) --require-hashes --requirement constraints-test.txt
	@touch $@

# New exact versions within the ranges of pyproject.toml.
constraints: $(BIN)/python
	$(PIP) uv
	$(UV) pyproject.toml --group build --output-file constraints.txt
	$(UV) pyproject.toml --group build --extra test --output-file constraints-test.txt

clean:
	rm -rf .venv
