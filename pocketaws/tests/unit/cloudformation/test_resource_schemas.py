"""The table of the registry's schemas, and what it decides."""

from emulated import resource_schemas as written
from pocketaws.cloudformation import resource_schemas


def test_the_table_says_what_the_registry_says() -> None:
    """If not, write it anew: `python -m emulated.resource_schemas`."""
    assert resource_schemas.PATH.read_text(encoding="utf-8") == written.written()


def test_a_part_of_a_property_may_replace_a_resource() -> None:
    schema = resource_schemas.ResourceSchema(("Name", "Store.Kind"), ())

    replacing = schema.replacing(
        {"Name": "a", "Store": {"Kind": "x", "Size": 1}}, {"Name": "a", "Store": {"Kind": "y"}}
    )

    assert replacing == ["Store.Kind"]


def test_a_type_that_the_registry_lacks_has_no_schema() -> None:
    assert resource_schemas.schema_of("Custom::Thing") is None
