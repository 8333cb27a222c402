"""The state machine's definition, built with the AWS Step Functions Data Science SDK.

`steps` has a factory for each state, `render` joins them, `definition.asl.json` is deployed.
"""
