"""SNS: what was published is kept, since nobody has a mailbox here."""
