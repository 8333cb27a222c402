"""DynamoDB: a stack's table has the encryption and the time to live that its template says."""

from typing import Any

from moto.dynamodb.models.table import Table

from pocketaws.change import Change


def changes() -> list[Change]:
    """Return what to change in moto's DynamoDB."""
    return [Change(Table, "create_from_cloudformation_json", _whole_table())]


def _whole_table() -> Any:
    original = Table.create_from_cloudformation_json.__func__

    def create(
        cls: type[Table],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> Table:
        properties = dict(cloudformation_json["Properties"])
        encryption = properties.get("SSESpecification")
        if encryption is not None:
            # Templates say SSEEnabled where the API, and so moto, says Enabled.
            enabled = str(encryption.get("SSEEnabled")).lower() == "true"
            properties["SSESpecification"] = {**encryption, "Enabled": enabled}
        arguments = (resource_name, {"Properties": properties}, account_id, region_name)
        table = original(cls, *arguments, **more)
        time_to_live = properties.get("TimeToLiveSpecification", {})
        if str(time_to_live.get("Enabled")).lower() == "true":
            table.ttl["TimeToLiveStatus"] = "ENABLED"
            table.ttl["AttributeName"] = time_to_live["AttributeName"]
        return table

    return classmethod(create)
