"""Run a deployed workflow on this machine: no Docker, no AWS account.

The runtime starts moto's server in this process, deploys a SAM template to it and does the work
that the emulator only records: processing scripts, XGBoost training and Lambda handlers run in
processes of their own. It knows nothing of this repository's workflow: any template and
definition made of what it supports runs in it.

Importing this package imports nothing more: the warmed processes must start at once. Reading
order, from the outside in: `runtime` (start, deploy, execute, stop), `warmup` and `build` (what
begins first), `deploy`, `not_created` and `bundles` (what the SAM CLI does), `server`, `rules` and
`faults` (what AWS refuses, and how to practise it), `seam` (moto's private parts), `jobs` with
`processing`, `training` and `data_sources`, `model_registry` with `model_packages`, `functions`
with `function_urls` and `events` (what reaches them from outside), `processes`, `zygote`, `child`
and `descendants`, and in `containers` what runs in their children.
"""
