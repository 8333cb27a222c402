# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m workflow
SAM := .venv-sam/bin/sam
# The SAM CLI asks for a region even to validate.
export AWS_DEFAULT_REGION ?= us-east-1
export SAM_CLI_TELEMETRY ?= 0
# What one process has compiled, the hundreds after it need not, whatever the shell is set to.
unexport PYTHONDONTWRITEBYTECODE
# uv brings certificates of its own; behind a proxy that speaks TLS itself only the system's know it.
export UV_SYSTEM_CERTS ?= true
# pip before 24.2 brings certificates of its own, too; where it fails with them it tries the system's.
SYSTEM_CERTS := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt))

# One word for the shell, whatever the path holds.
DATA_OPTION = $(if $(DATA),--data '$(subst ','\'',$(DATA))')
BATCH_OPTION = $(if $(BATCH),--batch '$(subst ','\'',$(BATCH))')

# What `make bench` keeps of each benchmark, for the table at its end.
FIGURES := bench/figures.json
TURNS_OPTION = $(if $(TURNS),--turns $(TURNS))
BEFORE_OPTION = $(if $(BEFORE),--before '$(subst ','\'',$(BEFORE))')

DEPLOY_ENV := $(or $(ENV),dev)
# What is given on the command line replaces samconfig.toml's list as a whole.
OVERRIDES = $(shell $(PYTHON) -c "import shlex, tomllib; print(shlex.join(tomllib.load(open('samconfig.toml', 'rb'))['$(DEPLOY_ENV)']['deploy']['parameters']['parameter_overrides']))")
# What CodePipeline's CloudFormation action reads, from a table of samconfig.toml; a value with
# spaces stands in quotation marks there, as the SAM CLI wants it.
CONFIGURATION = $(PYTHON) -c "import json, shlex, sys, tomllib; table = tomllib.load(open('samconfig.toml', 'rb'))[sys.argv[1]]['deploy']['parameters']; print(json.dumps({section: dict(shlex.split(item)[0].split('=', 1) for item in table[key]) for section, key in (('Parameters', 'parameter_overrides'), ('Tags', 'tags'))}, indent=2))"
GIT_COMMIT = $(or $(shell git describe --always --abbrev=40 --dirty --exclude='*' 2> /dev/null),unknown)

# The Python of the images that are stood for, where the PATH or pyenv has it.
IMAGE_PYTHON := $(or $(shell python3.12 -c "import sys; print(sys.executable)" 2> /dev/null),$(lastword $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.12.*/bin/python3.12)),$(PYTHON))
# `make run` needs a third of what the rest does; where the rest is there, it serves.
RUN_READY := $(if $(wildcard .venv/ready),.venv/ready,.venv/run-ready)
EDITABLE := --no-build-isolation --no-deps --editable pocketaws --editable .
IMAGES := .venv-xgboost-3.0/ready .venv-xgboost-3.2/ready

COMPILE := $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: $(RUN_READY) ## run the workflow on this machine (DATA=path of your own CSV, BATCH=rows to predict for)
	$(RUN) run $(DATA_OPTION) $(BATCH_OPTION)

# Modules go out in the order of the folders, the long ones of tests/functional first: by their number of
# tests, as is xdist's own way, the longest few would come last, and most cores be done before.
test: .venv/ready .venv-definition/ready ## run the tests, a process for each core
	@$(MAKE) --no-print-directory images || echo "the tests that run the images' libraries will be skipped"
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: .venv/ready ## run the quick unit tests, for in between
	$(BIN)/python -m pytest -m 'not slow' tests/unit pocketaws/tests/unit

clients: .venv-sam/ready .venv-aws/ready ## set up the newest SAM CLI and AWS CLI, which tests try against `workflow serve`

images: $(IMAGES) ## set up the libraries of the XGBoost images, today's and the one before, which tests run

mlflow: .venv-mlflow/ready ## set up an MLflow server, which a test logs runs to

newer-images: .venv/ready ## say whether the newest SageMaker packages know images newer than template.yaml's
	$(BIN)/python -m security.newer_images

lint: .venv/ready ## check style, types, imports and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy workflow tests bench data regions security pocketaws/src pocketaws/tests
	for folder in functions/*/ jobs/; do (cd $$folder && $(CURDIR)/$(BIN)/mypy --cache-dir $(CURDIR)/.mypy_cache --config-file $(CURDIR)/pyproject.toml --exclude ^jobs/ .) || exit 1; done
	$(BIN)/lint-imports
	$(BIN)/python -m regions lint

format: .venv/ready ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

security: .venv-checks/ready ## look for weak templates and for secrets, without network
	.venv-checks/bin/python -m security.scan_templates
	.venv-checks/bin/python -m security.scan_secrets

audit: .venv-checks/ready ## ask OSV about known vulnerabilities of every locked package
	.venv-checks/bin/python -m security.audit_dependencies $(if $(OSV_URL),--osv-url $(OSV_URL)) $(if $(SKIP_UNREACHABLE),--skip-unreachable)

pr: lint security test ## what CI runs

faults: .venv/ready ## meet every state with every fault, and print what each leads to
	$(BIN)/python -m tests.functional.fault_matrix

permissions: .venv/ready ## do all that every role ever does, and print what each is granted, why, and what is to spare
	$(BIN)/python -m tests.functional.permissions

bench: .venv/ready .venv-definition/ready .venv-metaflow/ready .venv-serving/ready .venv-evidently/ready ## measure against the peers, and show what holds (TURNS=, BEFORE=path, LARGE=1)
	rm -f $(FIGURES)
	-$(BIN)/python bench/run.py $(DATA_OPTION) $(TURNS_OPTION) $(BEFORE_OPTION) --metaflow-python .venv-metaflow/bin/python --json $(FIGURES)
	-$(BIN)/python bench/help.py $(TURNS_OPTION) --json $(FIGURES)
	-$(BIN)/python bench/executions.py $(TURNS_OPTION) --executions 4 --cores 2 --json $(FIGURES)
	-$(BIN)/python bench/serve.py $(TURNS_OPTION) $(if $(TURNS),--requests 10000) --peer-python .venv-serving/bin/python --json $(FIGURES)
	-$(BIN)/python bench/growth.py $(DATA_OPTION) $(TURNS_OPTION) $(if $(LARGE),--repeats 1 10 100 1000 10000) --plot reports/growth.svg --json $(FIGURES)
	-$(BIN)/python bench/warm.py $(DATA_OPTION) $(TURNS_OPTION)
	-$(BIN)/python bench/build.py $(TURNS_OPTION) --sdk-python .venv-definition/bin/python
	-$(BIN)/python bench/preprocess.py $(DATA_OPTION) --turns 1 $(if $(TURNS),--repeat 100) $(if $(LARGE),--tenfold)
	-$(BIN)/python bench/monitor.py --turns 1 $(if $(TURNS),--captures 100000) --peer-python .venv-evidently/bin/python $(if $(LARGE),--tenfold)
	$(BIN)/python bench/targets.py $(FIGURES)

soak: .venv/ready ## load one runtime, kill and starve commands, and show what held
	$(BIN)/python bench/soak.py

fresh: .venv/ready ## do what the README says in an empty folder, with and without network, behind a proxy (PYTHONS=paths)
	$(BIN)/python -m tests.fresh_clone $(PYTHONS)

regions: .venv/ready ## write docs/deploy.md's table of what each region goes without
	$(BIN)/python -m regions matrix

definition: .venv-definition/ready .venv/ready ## render the definitions in workflow/definition anew
	.venv-definition/bin/python -m workflow build --output workflow/definition/definition.asl.json
	.venv-definition/bin/python -m workflow build --machine monitor --output workflow/definition/monitor.asl.json
	$(BIN)/python -m workflow.report.keep_layout

sam-validate: .venv-sam/ready ## check the templates with the newest SAM CLI, and build
	$(SAM) validate --lint
	$(SAM) validate --lint --template endpoint.yaml
	$(SAM) validate --lint --template pipeline.yaml
	$(SAM) build

package: .venv-sam/ready ## put into packaged/ what CodePipeline deploys (BUCKET=where the bundles go)
	@test -n "$(BUCKET)" || { echo "make package BUCKET=name: the bundles need a bucket of yours"; exit 1; }
	find functions jobs -name __pycache__ -type d -prune -exec rm -rf {} +
	mkdir -p packaged
	$(SAM) build
	$(SAM) package --template-file .aws-sam/build/template.yaml --s3-bucket $(BUCKET) --s3-prefix packages --output-template-file packaged/workflow.yaml
	$(SAM) package --template-file endpoint.yaml --s3-bucket $(BUCKET) --s3-prefix packages --output-template-file packaged/endpoint.yaml
	$(CONFIGURATION) prod > packaged/workflow.json
	$(CONFIGURATION) staging > packaged/staging.json
	$(CONFIGURATION) production > packaged/production.json

deploy: .venv-sam/ready ## deploy the workflow to AWS (ENV=dev or prod)
	find functions jobs -name __pycache__ -type d -prune -exec rm -rf {} +
	$(SAM) build
	$(SAM) deploy --config-env $(DEPLOY_ENV) --parameter-overrides $(OVERRIDES) GitCommit=$(GIT_COMMIT)

deploy-endpoint: .venv-sam/ready ## deploy the endpoint of the recorded model (ENV=staging or production)
	find functions jobs -name __pycache__ -type d -prune -exec rm -rf {} +
	$(SAM) deploy --config-env $(or $(ENV),staging)

delete: .venv-sam/ready ## delete a stack (ENV=dev, staging, production, pipeline or prod)
	$(SAM) delete --config-env $(DEPLOY_ENV)

lock: .venv/ready ## pin every dependency anew, with hashes
	$(COMPILE) --no-emit-package pocketaws --extra dev --group build pyproject.toml -o requirements/project.txt
	$(COMPILE) --no-emit-package pocketaws --group build --constraint requirements/project.txt pyproject.toml -o requirements/run.txt
	$(COMPILE) --group pyproject.toml:definition --group pyproject.toml:build -o requirements/definition.txt
	for name in aws checks mlflow sam uv xgboost-3.0 xgboost-3.2; do $(COMPILE) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## remove everything that the targets make
	rm -rf .venv .venv-aws .venv-checks .venv-definition .venv-sam .venv-evidently .venv-metaflow .venv-mlflow .venv-node .venv-serving .venv-xgboost-3.0 .venv-xgboost-3.2 .aws-sam packaged reports .workflow runs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs several times faster than pip, which serves where uv cannot be had, and takes away what a
# lock no longer has.
.venv/ready: requirements/project.txt requirements/uv.txt pyproject.toml pocketaws/pyproject.toml
	$(call environment,.venv,requirements/project.txt)
	$(call editable,.venv)
	touch $@

.venv/run-ready: requirements/run.txt requirements/uv.txt pyproject.toml pocketaws/pyproject.toml
	$(call environment,.venv,requirements/run.txt)
	$(call editable,.venv)
	touch $@

.venv-definition/ready: requirements/definition.txt requirements/uv.txt pyproject.toml pocketaws/pyproject.toml
	$(call environment,.venv-definition,requirements/definition.txt)
	$(call editable,.venv-definition)
	touch $@

# Of what is large and seldom run whole, Python compiles and keeps what it imports; jobs keep nothing,
# and need theirs compiled.
.venv-checks/ready .venv-sam/ready .venv-aws/ready .venv-mlflow/ready: UNCOMPILED := yes

.venv-checks/ready: requirements/checks.txt requirements/uv.txt
	$(call environment,.venv-checks,requirements/checks.txt)
	touch $@

.venv-sam/ready: requirements/sam.txt requirements/uv.txt
	$(call environment,.venv-sam,requirements/sam.txt)
	touch $@

.venv-aws/ready: requirements/aws.txt requirements/uv.txt
	$(call environment,.venv-aws,requirements/aws.txt)
	touch $@

$(IMAGES): PYTHON := $(IMAGE_PYTHON)
$(IMAGES): .venv-%/ready: requirements/%.txt requirements/uv.txt
	$(call environment,.venv-$*,requirements/$*.txt)
	touch $@

.venv-serving/ready: bench/peers/serving.txt requirements/uv.txt
	$(call environment,.venv-serving,bench/peers/serving.txt)
	touch $@

.venv-mlflow/ready: requirements/mlflow.txt requirements/uv.txt
	$(call environment,.venv-mlflow,requirements/mlflow.txt)
	touch $@

.venv-evidently/ready: bench/peers/evidently.txt requirements/uv.txt
	$(call environment,.venv-evidently,bench/peers/evidently.txt)
	touch $@

.venv-metaflow/ready: bench/peers/requirements.txt requirements/uv.txt
	$(call environment,.venv-metaflow,bench/peers/requirements.txt)
	touch $@

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

PIP = $(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2)
pip = { $(PIP) || { test -n "$(SYSTEM_CERTS)" && PIP_CERT="$(SYSTEM_CERTS)" $(PIP); }; }

# xgboost and xgboost-cpu hold one folder: taking one out beside the other would leave half of it.
define environment
	@echo "setting up $(1) from $(2)"
	@$(PYTHON) -c "$(NEW_ENOUGH)" || { echo "$(PYTHON) is no Python 3.11 or later; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@if [ -e $(1)/bin/python ] || [ -L $(1)/bin/python ]; then $(1)/bin/python -c "$(NEW_ENOUGH)" 2> /dev/null || { echo "$(1) was made by too old a Python, or by one that is gone: it is made anew"; rm -rf $(1); }; fi
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
	@if ls $(1)/lib/python*/site-packages/xgboost-*.dist-info > /dev/null 2>&1; then $(1)/bin/python -m pip uninstall --yes --quiet xgboost xgboost-cpu; fi
	@$(call pip,$(1),--require-hashes -r requirements/uv.txt) || echo "uv is not to be had"
	@if [ -x $(1)/bin/uv ] && $(1)/bin/uv pip sync --quiet $(if $(UNCOMPILED),,--compile-bytecode) --require-hashes --python $(1)/bin/python requirements/uv.txt $(2); then :; else echo "pip installs, since uv did not"; $(call pip,$(1),--no-deps --require-hashes -r $(2)); fi
endef

define editable
	@if [ -x $(1)/bin/uv ] && $(1)/bin/uv pip install --quiet --python $(1)/bin/python $(EDITABLE); then :; else $(call pip,$(1),$(EDITABLE)); fi
endef

.PHONY: help regions soak fresh run test check clients images newer-images lint format security audit pr faults permissions bench definition sam-validate package deploy deploy-endpoint delete lock clean
