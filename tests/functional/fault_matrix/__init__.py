"""Every fault against every task state of the definition: what each leads to, and whether it does.

* `definition` - reads the Amazon States Language: ways into a state, and where an error leads
* `faults` - what can happen to a task, by the kind of its resource
* `cases` - the matrix: a case for every state and fault, with the end that the definition designs
* `runs` - the cases run for real on the local runtime, and what they left behind
* `monitor` - the same for the monitor's state machine, whose executions follow each other
* `python -m tests.functional.fault_matrix` - the matrix as a table

Nothing in it is recorded from a run: the ends come from the definition's Next, Retry and Catch.
"""
