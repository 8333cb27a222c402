"""EventBridge: the targets of its rules, its schedules, and S3's events."""
