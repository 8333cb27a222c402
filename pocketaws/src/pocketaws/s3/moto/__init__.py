"""What is changed in moto's S3."""
