"""What every role is granted, held against what it needs: `python -m tests.functional.permissions`.

A run on the local runtime shows what roles ask for; what only AWS does in a role's name stands in
needed.toml, each with its source. From both follows which statement, action or resource of a policy
nothing would miss.
"""
