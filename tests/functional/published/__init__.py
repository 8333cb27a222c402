"""What others publish, run as they publish it: the SDK's templates, SAM and CDK applications."""
