"""`workflow release`: the pipeline of `pipeline.yaml`, run on this machine.

Reading order: `local` (what a release is here), `pipeline` with `template`, `parameters` and
`actions` (what `pipeline.yaml` says, and what of it is known), `execution` with `variables` and
`artifacts` (what CodePipeline does), then a module for each kind of action: `source`, `builds`
with `buildspec`, `shell` and `environments`, `stacks`, `training`, `manual`; `identities`, in whose
name they call; `kept`, what outlives the command; `endpoints`, what serves in the end; `sam` and
`aws_cli`, which stand in for programs that a machine may lack; `view`, what is shown.
"""
