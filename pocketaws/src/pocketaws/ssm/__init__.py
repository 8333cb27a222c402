"""Parameter Store, which moto does; see `moto`."""
