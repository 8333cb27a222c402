"""Train, judge, release and watch a SageMaker model with Step Functions."""
