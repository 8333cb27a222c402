"""EventBridge, its Scheduler and the notifications of S3, in moto."""
