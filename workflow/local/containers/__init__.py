"""Stand-ins for SageMaker's built-in algorithm containers: same contract, no Docker."""
