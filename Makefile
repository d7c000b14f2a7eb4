# make demo    everything on this machine, with a sample organisation (PORT=8001, FIRSTHAND_HOME=/path)
# make up      the same for a real organisation
# make test    everything that is tested; ONLY="tests/visits -k moved" for a part
# make chaos   everything that can break is broken, and the mail counted (SEED=7 N=500)
# make bench   how fast it is, against floors of the same run; the raw runs go to build/bench.json (ONLY=sweep)
# make lint    style, types and layers alone
# make lock    write the lock files anew from pyproject.toml (needs uv)

.PHONY: demo up test chaos bench lint lock assets chromium mailserver
.NOTPARALLEL:
.DEFAULT_GOAL := demo

RUN := .venv/bin/python
ONLY ?=
SEED ?= 7
N ?= 500

demo up: .venv/installed assets
	@exec $(RUN) -m webapp.cli $@

# One process per core, and no more than eight: each has a database, a broker and a browser of its own.
test: .venv/installed-dev assets chromium mailserver
	@exec $(RUN) -m pytest --numprocesses logical --maxprocesses 8 --dist loadgroup $(ONLY)

chaos: .venv/installed-dev assets mailserver
	@exec $(RUN) -m tests.chaos --seed $(SEED) --n $(N) --only "$(ONLY)"

bench: .venv/installed-dev assets
	@mkdir -p build
	@exec $(RUN) -m tests.bench $(if $(ONLY),--only $(ONLY)) --raw build/bench.json

lint: .venv/installed-dev
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -c "from importlinter.cli import lint_imports_command as lint; lint()"

lock:
	@for lock in "requirements.lock" "requirements-dev.lock --extra dev"; do \
	  uv pip compile pyproject.toml --extra local --extra build --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header --quiet --output-file $$lock || exit 1; \
	done

# It looks by itself whether anything has changed.
assets: .venv/installed
	@$(RUN) -m webapp.assets.build

# Where root can install it. Where not, the browser tests say at the end that they did not run.
chromium: .venv/installed-dev
	@if [ -z "$(ONLY)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && ! command -v chromium > /dev/null; then \
	  echo "Installing Chromium for the browser tests."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
	    > /dev/null || echo "Chromium could not be installed."; \
	fi

# The same for the tests that send through a real Postfix and read a real Dovecot. The system's own are not set up or started.
mailserver: .venv/installed-dev
	@if [ -n "$(if $(ONLY),$(findstring postfix,$(ONLY)),all)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null \
	  && ! { [ -x /usr/sbin/postfix ] && [ -x /usr/sbin/dovecot ]; }; then \
	  echo "Installing Postfix and Dovecot for the tests with real mail servers."; \
	  { apt-get update -qq && echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections \
	    && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postfix dovecot-imapd; } \
	    > /dev/null || echo "Postfix and Dovecot could not be installed."; \
	fi

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Firsthand is built on (once)."
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-index --no-build-isolation --editable .
	@$(RUN) -m compileall -q webapp tasks migrations
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing what its tests need (once)."
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

# Wheels only: to build from source would fetch build tools that no lock knows.
PIP = $(shell [ -x .venv/bin/pip ] && echo $(RUN) || echo $(PYTHON)) -m pip \
  $(shell [ -x .venv/bin/pip ] || echo --python $(RUN)) \
  --disable-pip-version-check --no-input install --quiet --only-binary :all:

# The first Python from 3.11 on, by whatever name it goes here.
PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  command -v $$python > /dev/null && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
    && echo $$python && break; done)

# Debian keeps ensurepip in python3-venv; without it the environment borrows the pip of the system.
.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "Firsthand needs Python 3.11 or later; install it and run make again."; exit 1; fi
	@if $(PYTHON) -m ensurepip --version > /dev/null 2>&1; then $(PYTHON) -m venv --clear .venv; \
	elif $(PYTHON) -m pip --version > /dev/null 2>&1; then $(PYTHON) -m venv --clear --without-pip .venv; \
	else echo "Python has neither venv nor pip here; run: apt-get install python3-venv, and make again."; exit 1; \
	fi || { rm -rf .venv; exit 1; }
