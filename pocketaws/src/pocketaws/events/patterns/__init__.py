"""EventBridge's event patterns: what is refused (`rules`), and what matches (`matching`).

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""
