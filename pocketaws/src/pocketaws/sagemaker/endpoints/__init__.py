"""SageMaker's endpoints: containers that serve models, blue/green, called, captured and counted."""
