"""Step Functions in moto: its engine, and the tasks of SageMaker and of the AWS SDK."""
