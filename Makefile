# `make demo`, `make test` and `make test-fast` do all their set-up in a fresh clone.
PYTHON ?= python3
# One more than the cores of a small machine: much of the time tests wait for a program.
WORKERS ?= 3
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools/bin:$(PATH)
PYTEST = pytest -n $(WORKERS) --dist loadgroup --durations 15
# Minutes at the first time, each in a process or two: side by side they take less.
TEST_TOOLS = .tools/bin/kustomize-controller .tools/bin/kube-scheduler .tools/bin/gitea \
	.tools/bin/kwok .tools/bin/gitlab-ci-local .tools/bin/promtool \
	.tools/share/argocd .tools/share/github-openapi.json .tools/share/axe.min.js \
	.tools/share/backstage/node_modules/.package-lock.json

.PHONY: demo test test-fast setup setup-test system node tools lint docs clean

setup: .venv/.installed tools

setup-test: system .venv/.installed-test .venv/.installed-docs tools node
	$(MAKE) --jobs=2 $(TEST_TOOLS)

.venv/bin/python:
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/.installed: .venv/bin/python pyproject.toml
	.venv/bin/python -m pip install --quiet --editable ".[checks,bot,authoring,secrets]"
	touch $@

.venv/.installed-test: .venv/.installed
	.venv/bin/python -m pip install --quiet --group test --group lint
	touch $@

.venv/.installed-docs: .venv/.installed
	.venv/bin/python -m pip install --quiet --group docs
	touch $@

# What the tests need of the system: installed by root on Debian and Ubuntu, else told.
system:
	@scripts/install-for-tests

tools: .venv/bin/python
	@scripts/install-tools

node: .venv/bin/python
	@tests/tools/node .venv

# The tests of what could not be built or fetched here say so at their end; in CI they fail.
# The API server that the tests of deploy run against, and the controllers of a whole cluster.
.tools/bin/kube-scheduler: tests/tools/kube/go.mod | tools
	-tests/tools/kube/build .tools/bin

# The nodes of that cluster.
.tools/bin/kwok: tests/tools/kwok/go.mod | tools
	-tests/tools/kwok/build .tools/bin

# Flux, the engine that the tests bring releases to that cluster with.
.tools/bin/kustomize-controller: tests/tools/flux/go.mod | tools
	-tests/tools/flux/build .tools/bin

# The forge that the tests of servers run against.
.tools/bin/gitea: tests/tools/gitea/go.mod | tools
	-tests/tools/gitea/build .tools/bin

# The definitions of Argo CD's kinds, whose controllers don't run in the tests.
.tools/share/argocd: ci/schemas/build tests/tools/argocd/build | tools
	-tests/tools/argocd/build .tools/share

# What runs the generated GitLab pipelines in tests/e2e.
.tools/bin/gitlab-ci-local: tests/tools/gitlab-ci-local/package-lock.json | tools node
	-tests/tools/gitlab-ci-local/install .tools

# What runs the rule tests of the blueprints' alerts.
.tools/bin/promtool: tests/tools/promtool/build | tools
	-tests/tools/promtool/build .tools/bin

# GitHub's own description of its API, which the fake in the tests is held to.
.tools/share/github-openapi.json: tests/tools/github/build | node
	-tests/tools/github/build .tools/share

# What finds barriers in the pages that the tests open in a browser.
.tools/share/axe.min.js: tests/tools/axe/package-lock.json tests/tools/axe/install | node
	-tests/tools/axe/install .tools

# Backstage's model of its catalog, which the exported entities are held to.
.tools/share/backstage/node_modules/.package-lock.json: tests/tools/backstage/package-lock.json | node
	-tests/tools/backstage/install .tools

demo: setup
	@scripts/demo

lint: .venv/.installed-test .venv/.installed-docs
	ruff format --check .
	ruff check .
	lint-imports
	mypy

docs: .venv/.installed-docs
	mkdocs build --strict

test: setup-test lint docs
	for each in blueprints/*/blueprint.yml; do \
		(cd $$(dirname $$each) && PYTHONPATH=$(CURDIR) pytest -q -n $(WORKERS) -p tests.areas tests) || exit 1; \
	done
	$(PYTEST)

# What most changes need: without real servers, browsers, whole pipelines, terminals, builds of
# images, whole commands on platforms of their own, and what else takes long.
test-fast: .venv/.installed-test tools
	$(PYTEST) -m "not (browser or e2e or engine or gitea or images or kube or long or services or terminal)"

clean:
	rm -rf .venv .tools .demo site
