"""Lambda: functions in processes of their own, their logs and their URLs."""
