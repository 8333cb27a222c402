"""The security checks of CI: `make security` and `make audit`, in an environment of their own.

What they accept although a tool reports it stands in accepted.toml, in .checkov.yaml and in the
templates' Metadata, each with its reason; what has none, or accepts nothing, is a failure itself.
"""
