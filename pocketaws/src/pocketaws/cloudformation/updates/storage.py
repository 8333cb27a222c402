"""What keeps things: tables, log groups, parameters, dashboards."""

from typing import Any, Final

from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.cloudformation.updates.changed import Changed, MakeClient, is_true, text

_PARAMETER_MEMBERS: Final = ("AllowedPattern", "DataType", "Description", "Policies", "Tier")
_TABLE_MEMBERS: Final = (
    "BillingMode",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "StreamSpecification",
    "TableClass",
)


def update_parameter(clients: MakeClient, changed: Changed) -> None:
    """Write the next version of a parameter."""
    after = changed.after
    clients("ssm").put_parameter(
        Name=changed.physical_id,
        Value=text(after["Value"]),
        Type=after["Type"],
        Overwrite=True,
        **{name: text(after[name]) for name in _PARAMETER_MEMBERS if name in after},
    )


def update_log_group(clients: MakeClient, changed: Changed) -> None:
    """Have a group keep its events for another time."""
    if not changed.differs("RetentionInDays"):
        return
    logs, group = clients("logs"), {"logGroupName": changed.physical_id}
    days = changed.after.get("RetentionInDays")
    if days is None:
        logs.delete_retention_policy(**group)
    else:
        logs.put_retention_policy(**group, retentionInDays=int(days))


def update_dashboard(clients: MakeClient, changed: Changed) -> None:
    """Show something else on a dashboard."""
    clients("cloudwatch").put_dashboard(
        DashboardName=changed.physical_id, DashboardBody=changed.after["DashboardBody"]
    )


def update_table(clients: MakeClient, changed: Changed) -> None:
    """Change a table and leave its items where they are."""
    dynamodb, table = clients("dynamodb"), {"TableName": changed.physical_id}
    settings = _table_settings(changed)
    if settings:
        dynamodb.update_table(**checked_request({**settings, **table}, "dynamodb", "UpdateTable"))
    for update in _index_updates(changed):
        definitions = changed.after["AttributeDefinitions"]
        request = {**table, "GlobalSecondaryIndexUpdates": [update]}
        if "Create" in update:
            request["AttributeDefinitions"] = definitions
        dynamodb.update_table(**checked_request(request, "dynamodb", "UpdateTable"))
    if changed.differs("TimeToLiveSpecification"):
        wanted = changed.after.get("TimeToLiveSpecification")
        given = wanted or {**changed.before["TimeToLiveSpecification"], "Enabled": False}
        specification = {**given, "Enabled": is_true(given["Enabled"])}
        dynamodb.update_time_to_live(**table, TimeToLiveSpecification=specification)
    if changed.differs("PointInTimeRecoverySpecification"):
        wanted = changed.after.get("PointInTimeRecoverySpecification") or {}
        enabled = is_true(wanted.get("PointInTimeRecoveryEnabled", False))
        dynamodb.update_continuous_backups(
            **table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
        )


def _table_settings(changed: Changed) -> dict[str, Any]:
    names = [name for name in _TABLE_MEMBERS if changed.differs(name) and name in changed.after]
    settings = {name: changed.after[name] for name in names}
    if changed.differs("DeletionProtectionEnabled"):
        settings.setdefault("DeletionProtectionEnabled", False)
    if changed.differs("SSESpecification"):
        given = changed.after.get("SSESpecification") or {}
        kept = {name: given[name] for name in ("KMSMasterKeyId", "SSEType") if name in given}
        settings["SSESpecification"] = {"Enabled": is_true(given.get("SSEEnabled", False)), **kept}
    return settings


def _index_updates(changed: Changed) -> list[dict[str, Any]]:
    """Return one change of an index each; a call takes one."""
    before, after = _indexes(changed.before), _indexes(changed.after)
    gone = [name for name in before if before[name] != after.get(name)]
    new = [after[name] for name in after if before.get(name) != after[name]]
    return [
        *({"Delete": {"IndexName": name}} for name in gone),
        *({"Create": index} for index in new),
    ]


def _indexes(properties: Any) -> dict[str, Any]:
    return {item["IndexName"]: item for item in properties.get("GlobalSecondaryIndexes") or []}
