"""What a type of resource that moto lacks says of itself."""

from typing import ClassVar


class TemplateResource:
    """Stands beside moto's `CloudFormationModel` as a base, since moto knows its own children only.

    Attributes:
        TYPE: in templates.
        NAMED_BY: the property that names the resource; none where it has no name.
        ATTRIBUTES: what Fn::GetAtt knows.
    """

    TYPE: ClassVar[str]
    NAMED_BY: ClassVar[str] = ""
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def cloudformation_type(cls) -> str:
        """Name the type in templates."""
        return cls.TYPE

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """Name the property that names the resource."""
        return cls.NAMED_BY

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in cls.ATTRIBUTES
