"""S3, which moto does; what objects hold lies in files. See `moto`."""
