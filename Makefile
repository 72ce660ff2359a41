# `make demo` and `make test` do all their set-up in a fresh clone.
PYTHON ?= python3
WORKERS ?= 2
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools/bin:$(PATH)

.PHONY: demo test setup setup-test tools lint docs clean

setup: .venv/.installed tools

setup-test: .venv/.installed-test .venv/.installed-docs tools .tools/bin/kube-apiserver .tools/bin/gitea \
		.tools/bin/gitlab-ci-local .tools/share/github-openapi.json

.venv/bin/python:
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/.installed: .venv/bin/python pyproject.toml
	.venv/bin/python -m pip install --quiet --editable ".[checks,bot,authoring]"
	touch $@

.venv/.installed-test: .venv/.installed
	.venv/bin/python -m pip install --quiet --group test --group lint
	touch $@

.venv/.installed-docs: .venv/.installed
	.venv/bin/python -m pip install --quiet --group docs
	touch $@

tools: .venv/bin/python
	@scripts/install-tools

# The API server that the tests of deploy run against: minutes at the first build.
.tools/bin/kube-apiserver: tests/tools/kube/go.mod | tools
	tests/tools/kube/build .tools/bin

# What runs the generated GitLab pipelines in tests/e2e; without npm its tests say that they can't.
.tools/bin/gitlab-ci-local: tests/tools/gitlab-ci-local/package-lock.json | tools
	-tests/tools/gitlab-ci-local/install .tools

# The forge that the tests of servers run against: likewise.
.tools/bin/gitea: tests/tools/gitea/go.mod | tools
	tests/tools/gitea/build .tools/bin

# GitHub's own description of its API, which the fake in the tests is held to.
.tools/share/github-openapi.json: tests/tools/github/build
	tests/tools/github/build .tools/share

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
	for each in blueprints/*/blueprint.yml; do (cd $$(dirname $$each) && pytest -q -n $(WORKERS) tests) || exit 1; done
	pytest -n $(WORKERS) --dist loadgroup

clean:
	rm -rf .venv .tools .demo site
