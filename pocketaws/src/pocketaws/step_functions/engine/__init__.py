"""Step Functions: definitions are checked and executed, whatever emulates the other services.

Read in this order:

* `errors`, `documents`: how a state fails; JSON as executions hold it.
* `json_path`, `intrinsics`, `templates`, `choice_rules`: the JSONPath language.
* `jsonata_language`: the other one. `visits`: a state in either language.
* `history`, `frames`: what an execution leaves behind, and where it stands.
* `retries`, `machine`: states one after another; `states`, `tasks`, `parallel_state`, `map_state`:
  what each does.
* `service_calls` with `shapes` and `call_errors`: the calls of tasks. `tokens`, `activities`: tasks
  that somebody else answers.
* `execution`: one run from start to end, and again. `state_tests`: one state, without a run.
* `validation`: definitions are checked.
"""
