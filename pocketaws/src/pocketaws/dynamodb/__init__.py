"""DynamoDB, which moto does; see `moto`."""
