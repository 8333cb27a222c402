"""What a stack's resources refer to has to be there before anything is made."""

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap

from pocketaws.cloudformation.resource_schemas import schema_of
from pocketaws.cloudformation.template_rules import absent, present, references


def check_references(stack: ResourceMap) -> None:
    """Refuse references to what a condition keeps out, in a circle, or to no attribute.

    Raises:
        ValidationError: in CloudFormation's words.
    """
    template, conditions = stack._template, stack.lazy_condition_map
    resources = template.get("Resources") or {}
    for problem in absent({**template, "Resources": resources}, conditions.__getitem__):
        raise ValidationError(message=problem)
    for item in present(resources, conditions.__getitem__).values():
        for reference in references(item.get("Properties"), conditions.__getitem__):
            if reference.attribute is not None and reference.name in resources:
                _check_attribute(
                    reference.name, resources[reference.name]["Type"], reference.attribute
                )


def _check_attribute(logical_id: str, resource_type: str, attribute: str) -> None:
    if schema_of(resource_type) is None:
        return
    made_by = parsing.get_model_map().get(resource_type)
    if made_by is not None and not made_by.has_cfn_attr(attribute):
        raise ValidationError(
            message=f"Template error: resource {logical_id} does not support attribute type "
            f"{attribute} in Fn::GetAtt"
        )
