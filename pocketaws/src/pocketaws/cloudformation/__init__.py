"""CloudFormation, and what `sam build` and `sam package` do before it.

`build` transforms a SAM template, `bundles` packs what it names, `deploy` creates or updates the
stack; `not_created` takes out what the emulator does not create, and tells of it.
"""
