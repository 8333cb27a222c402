"""DynamoDB in moto: what a template says of a table."""
