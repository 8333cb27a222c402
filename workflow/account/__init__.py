"""What is read in an account, on AWS or emulated: endpoints, recorded models, rows."""
