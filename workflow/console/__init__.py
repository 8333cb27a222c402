"""The console: pages on loopback over the workflow's executions, endpoint, monitor and messages.

It reads and commands through boto3 as any client does, and shows an execution with the parts of its
report (`workflow.report`). `serving` puts it up; from the outside in stand `application` (the
pages), `access` (who may ask), and a module for what each page is about.
"""
