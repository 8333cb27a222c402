"""SageMaker: jobs, endpoints, the registry, and the images that they run."""
