"""The resource types that moto's CloudFormation knows, ours among them."""

from moto.cloudformation import parsing


def creates(resource_type: str) -> bool:
    """Tell whether moto's CloudFormation creates resources of a type."""
    return resource_type.startswith("Custom::") or resource_type in parsing.get_model_map()
