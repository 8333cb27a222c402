"""The record of an execution, `run.json`, and the page that shows it, `report.html`.

Both are made from what Step Functions keeps of an execution and from the files of its jobs, so the
same is made of an execution here and of one in an account: whoever asks passes what reads them.
"""
