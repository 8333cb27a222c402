"""One factory per state, with the AWS Step Functions Data Science SDK.

A value that starts with `$` or `States.` is a path into the state's input or an intrinsic
function; `definition.render` writes its key with the `.$` that the Amazon States Language asks
for. What the paths lead to is the output of `functions/prepare_execution` and what the states
before have added.

Importing these modules imports the SDK, which takes seconds: only `definition` does.
"""
