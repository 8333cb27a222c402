"""Processes that do the work: warmed ones, and a forked child for each job or call.

`warmup` starts them, `zygote_process` is the parent's handle, `zygote` and `child` run in them,
`sandbox` and `descendants` keep a child inside its folders and its time.
"""
