"""SageMaker in moto."""
