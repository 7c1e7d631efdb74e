# What make runs are the two lines that the README shows; everything lives in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: lab test check test-fast test-cluster record conformance bench lock vendor

lab:            ## set up what is missing and serve the course on loopback
	$(PYTHON) tools/setup.py
	$(BIN)/mesh-dojo serve --open

test:           ## everything but the real cluster, browser included
	$(PYTHON) tools/setup.py --dev
	$(BIN)/python tools/test.py

check:          ## format, lint, types, layers
	$(PYTHON) tools/setup.py --dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

test-cluster:   ## the course against the cluster that KUBECONFIG names; it is changed and cleaned up
	$(PYTHON) tools/setup.py --dev
	$(BIN)/python -m pytest -n 0 --cluster -p no:randomly tests/cluster

record:         ## the same, and keep what the cluster said as data for make test
	$(PYTHON) tools/setup.py --dev
	$(BIN)/python -m pytest -n 0 --cluster --record -p no:randomly tests/cluster/test_course.py

conformance:    ## ask a sandbox every published case, compare with the real cluster's answers; see docs/conformance.md
	$(PYTHON) tools/setup.py --dev
	$(BIN)/python -m tools.conformance run --write $(CONFORMANCE)

bench:          ## measure; see docs/benchmarks.md
	$(PYTHON) tools/setup.py --dev
	$(BIN)/python -m tools.bench $(BENCH)

lock:           ## for maintainers: resolve the dependencies anew (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --group build pyproject.toml \
	  -o requirements.lock --custom-compile-command "make lock" --quiet $(LOCK)
	uv pip compile --universal --generate-hashes --python-version 3.11 --group build --group dev pyproject.toml \
	  -c requirements.lock -o requirements-dev.lock --custom-compile-command "make lock" --quiet $(LOCK)
	for group in sandbox schemas; do uv pip compile --universal --no-deps --generate-hashes --python-version 3.11 \
	  --group $$group -o requirements-$$group.lock --custom-compile-command "make lock" --quiet $(LOCK) || exit 1; done

vendor:         ## for maintainers: fetch the page's JavaScript anew (needs npm)
	$(BIN)/python tools/vendor.py
