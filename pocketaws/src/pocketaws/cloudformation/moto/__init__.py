"""CloudFormation in moto: stacks, change sets and custom resources, made and undone as on AWS."""
