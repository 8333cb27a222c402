"""The state machines' definitions, built with the AWS Step Functions Data Science SDK.

`steps` has a factory for each state, `render` joins them, `definition.asl.json` and
`monitor.asl.json` are deployed.
"""
