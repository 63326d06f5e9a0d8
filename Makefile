# `make` lists what can be made. Each target is a small script in cluster/, or a command of npm's.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

tsx := node_modules/.bin/tsx
# The tools, the engine and the stack's state that `make up` set up, for a command that is not one of its scripts.
with_environment := eval "$$($(tsx) cluster/env.ts)" &&
policy_sources := $(shell find policy -name '*.ts' -not -path '*/bin/*' -not -path '*/node_modules/*') policy/tsconfig.json policy/package.json
test_images := nginx:latest ubuntu:latest nginx:1.25

.PHONY: help up down preview verify logs open env doctor cluster test test-unit test-live test-long conformance lint typecheck format bench clean requirements packages

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: packages policy/bin/index.js ## set everything up and deploy the webserver on a local cluster (NODES=3 for three nodes)
	@$(tsx) cluster/up.ts

down: packages ## destroy the stack, and delete the cluster that `make up` made
	@$(tsx) cluster/down.ts

preview: packages policy/bin/index.js ## show what `make up` would change, and what the policy pack says of it
	@$(tsx) cluster/preview.ts

verify: packages ## check the live webserver, step by step as the documents do
	@$(with_environment) $(tsx) cluster/verify.ts

logs: packages ## follow the webserver's log as its sidecar reads it
	@$(with_environment) $(tsx) cluster/logs.ts

open: packages ## make the webserver reachable from this machine, and print its URL
	@$(with_environment) $(tsx) cluster/open.ts

env: packages ## print what gives a shell kubectl, kind, pulumi and the stack: eval "$(make -s env)"
	@$(tsx) cluster/env.ts

doctor: ## tell what this machine has, and what it lacks
	@sh cluster/doctor.sh

cluster: packages ## set up the tools and the local cluster, without the webserver
	@$(tsx) cluster/setUp.ts $(test_images)

# Both are run, whatever the first one finds.
test: ## run all tests, the live ones included
	@failed=; $(MAKE) test-unit || failed=yes; $(MAKE) test-live || failed=yes; [ -z "$$failed" ]

test-unit: packages policy/bin/index.js ## run the tests that need no cluster
	@npm test --silent

test-live: packages policy/bin/index.js cluster ## run the tests on a live cluster
	@$(tsx) cluster/browser.ts
	@$(with_environment) npm run test:live --silent

test-long: packages policy/bin/index.js conformance ## run the tests that take an hour and more
	@$(with_environment) npm run test:long --silent

# Kubernetes' own tests of a cluster, and the images of their pods where these cannot be pulled.
conformance: cluster
	@$(tsx) cluster/conformance.ts

lint: packages ## check style: ESLint, Prettier, shellcheck
	@npm run lint --silent
	@if command -v shellcheck > /dev/null; then shellcheck cluster/*.sh cluster/images/*.sh cluster/images/*/*.sh cluster/runc-within-bounds .ci/run; fi

typecheck: packages ## check types
	@npm run typecheck --silent

format: packages ## format all files
	@npm run format --silent

bench: packages policy/bin/index.js cluster ## measure against what a user would pick instead; writes bench/results
	@$(with_environment) $(tsx) bench/index.ts

clean: packages down ## remove what `make up` built and downloaded as well
	@$(tsx) cluster/clean.ts

requirements:
	@sh cluster/doctor.sh --quiet

packages: requirements
	@cluster/install.sh

policy/bin/index.js: $(policy_sources) | packages
	@npm run build --workspace policy --silent
	@touch $@
