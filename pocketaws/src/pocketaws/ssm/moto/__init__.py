"""Parameter Store in moto: what there is already decides."""
