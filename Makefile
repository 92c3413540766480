# TASKER's own errands. `make` alone prints them.
#
# `demo` needs nothing but Python. `check` needs what `tools` looks for: as root on Debian that is installed when it is
# missing, elsewhere one line names it.

ifndef PYTHON
PYTHON := $(shell for one in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && exit; done; echo python3)
endif
VENV := .venv
BENCH := .bench-venv
OLDEST := /usr/bin/python3# of the system: Debian 12 has 3.11.2
IN_VENV := $(VENV)/bin/python -m
COMMANDS := chromium:chromium curl:curl fish:fish gcc:gcc jq:jq mandoc:mandoc perl:perl spin:spin ssh:openssh-client sshd:openssh-server strace:strace sudo:sudo zsh:zsh# programs that tests start, and the Debian packages that have them

.PHONY: help demo test check model mutants branches nets oldest soak findings generated picture docs zipapp fuzz crash bench clean python tools
.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

demo: python ## run examples/first_run.txt for real, on bare Python
	@logs=$$(mktemp -d) && $(PYTHON) bin/tasker -r -l "$$logs" examples/first_run.txt && echo "the logs are in $$logs"

test: $(VENV)/ready ## pure tests: no process, no network; under a minute
	$(IN_VENV) pytest -q --lane core -m "not slow"

check: $(VENV)/ready ## lint, types, tests, in a virtual environment made for it: what CI runs
	$(IN_VENV) ruff check
	$(IN_VENV) ruff format --check
	$(IN_VENV) mypy
	$(MAKE) --no-print-directory oldest
	$(IN_VENV) pytest -q

# the libraries that the core's tests use; --without-pip, since Debian's Python has none without python3-venv
oldest: $(VENV)/ready ## the core's tests with the system's Python, where that is another 3.11 or later
	@if [ ! -x $(OLDEST) ] || ! $(OLDEST) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		[ "$$($(OLDEST) -V)" = "$$($(VENV)/bin/python -V)" ]; then \
		echo "no other Python than $$($(VENV)/bin/python -V) to test the core with"; exit; fi; \
	[ -e $(VENV)-oldest/ready ] || { rm -rf $(VENV)-oldest && $(OLDEST) -m venv --without-pip $(VENV)-oldest && \
		$(IN_VENV) pip --python $(VENV)-oldest/bin/python install -q --disable-pip-version-check \
		ClusterShell PyYAML hypothesis jinja2 jsonschema pytest pytest-timeout tenacity && touch $(VENV)-oldest/ready; } && \
	$(OLDEST) -V && $(VENV)-oldest/bin/python -m pytest -q -p no:cacheprovider --lane core

soak: $(VENV)/ready ## the sweeps over generated cases, with 100,000 of them each
	TASKER_SWEEP=100000 $(IN_VENV) pytest -q --timeout=0 $$(grep -rl TASKER_SWEEP tests --include=test_*.py)

crash: $(VENV)/ready ## kill a run, or let a call of it fail, at every point there is, and resume it; hours
	TASKER_CRASH=every TASKER_KILLS=200 $(IN_VENV) pytest -q --timeout=0 tests/journal/test_crash.py tests/journal/test_faults.py

model: python tools ## every order of steps and deaths of a run, and every planted fault, with spin; two minutes
	$(PYTHON) tools/model.py

mutants: $(VENV)/ready ## change the code at 600 places and see whether a test notices; up to three hours of CPU, as root
	$(VENV)/bin/python tools/mutants.py

branches: $(VENV)/ready ## look for branches of flow, conditions and journal that no test takes; some minutes
	$(VENV)/bin/python tools/branches.py

nets: $(VENV)/ready ## write the figures of docs/how-it-is-tested.md from a run of the nets
	$(VENV)/bin/python tools/nets.py

findings: $(VENV)/ready ## write docs/findings.md from what TASKER reports for its examples
	$(VENV)/bin/python tools/findings_page.py

generated: python ## write completions, man pages and vim syntax in share/, from the same tables as --help
	$(PYTHON) tools/generate.py

picture: $(VENV)/ready ## write docs/images/terminal.svg, a deployment in a real terminal
	$(VENV)/bin/python tools/screenshot.py

docs: $(VENV)/ready ## the documentation as a site, in build/site; a broken link is an error
	$(VENV)/bin/python tools/website.py

zipapp: python ## all of TASKER and of the libraries that can be in a file, dist/tasker.pyz; needs pip the first time
	@$(PYTHON) tools/zipapp.py

fuzz: $(VENV)/ready ## 50,000 random and mutated task files through everything that reads them; 8,000 scripts in a real bash
	TASKER_SWEEP=50000 $(IN_VENV) pytest -q --timeout=0 tests/whole/test_fuzz.py
	TASKER_SWEEP=8000 $(IN_VENV) pytest -q --timeout=0 tests/language/test_shell_taint.py -k "runs_a_value"

bench: $(VENV)/ready $(BENCH)/ready ## how long it takes beside what people use instead; a quarter of an hour, or WORK=sequence
	$(VENV)/bin/python benchmarks/run.py $(WORK)

clean: ## remove what the other targets made
	rm -rf $(VENV) $(VENV)-oldest $(BENCH) build dist library/tasker.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip reads the requirements from setup.cfg: installing the project as well would let tests see a second, older copy
REQUIREMENTS := import configparser; read = configparser.ConfigParser(); read.read('setup.cfg'); \
	print(read['options']['install_requires'], *read['options.extras_require'].values(), sep='\n')

$(VENV)/ready: setup.cfg | python tools
	$(PYTHON) -m venv --clear $(VENV)
	$(PYTHON) -c "$(REQUIREMENTS)" | $(IN_VENV) pip install -q --disable-pip-version-check -r /dev/stdin
	$(VENV)/bin/python tools/zipapp.py --fetch # what the tests put into tasker.pyz
	@touch $@

# who cannot be installed is named in the results, and no reason to measure nothing
$(BENCH)/ready: benchmarks/requirements.txt | python tools
	$(PYTHON) -m venv --clear $(BENCH)
	@every=yes; for one in $$(sed 's/#.*//' benchmarks/requirements.txt); do \
		$(BENCH)/bin/python -m pip install -q --disable-pip-version-check "$$one" || every=no; done; \
	for one in parallel pdsh; do command -v $$one >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$one; } || every=no; done; \
	[ $$every = no ] && echo "not all that make bench compares with is installed" || touch $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "TASKER needs Python 3.11 or later, and '$(PYTHON)' is not: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }

tools: python
	@missing=; PATH="$$PATH:/usr/sbin:/sbin"; for pair in $(COMMANDS); do \
		command -v $${pair%:*} >/dev/null || missing="$$missing $${pair#*:}"; done; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		missing="$$missing $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
	[ -z "$$missing" ] && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing; \
	else echo "make check needs$$missing: install that, or run it as root on Debian" >&2; exit 1; fi
