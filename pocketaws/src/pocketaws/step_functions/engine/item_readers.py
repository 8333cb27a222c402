"""ItemReader: the items of a distributed Map state, from S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.step_functions.engine.documents import is_number
from pocketaws.step_functions.engine.errors import ITEM_READER, StateError
from pocketaws.step_functions.engine.visits import Visit

_DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def items(visit: Visit) -> list[Any]:
    """Return the items that a state's ItemReader names.

    Raises:
        StateError: `States.ItemReaderFailed`.
    """
    reader = visit.filled("ItemReader", visit.effective_input())
    arguments = reader.get("Arguments") or reader.get("Parameters") or {}
    frame = visit.frame
    s3 = frame.run.services.client(frame.run.role_arn, "s3")
    config = reader.get("ReaderConfig", {})
    try:
        if reader["Resource"].endswith(":s3:listObjectsV2"):
            found = _listed(s3, arguments)
        else:
            found = _read(s3, arguments, config)
    except ClientError as error:
        raise StateError(ITEM_READER, str(error)) from error
    except (ValueError, KeyError) as error:
        cause = f"The items at {arguments} cannot be read: {error}"
        raise StateError(ITEM_READER, cause) from error
    limit = _limit(visit, config)
    return found if limit is None else found[:limit]


def _limit(visit: Visit, config: Mapping[str, Any]) -> int | None:
    if "MaxItemsPath" in config:
        from_path = {"MaxItems.$": config["MaxItemsPath"]}
        limit = visit.filled_template(from_path, visit.effective_input())["MaxItems"]
    else:
        limit = config.get("MaxItems")
    if limit is None or (is_number(limit) and limit >= 0):
        return int(limit) if limit else None
    raise StateError(ITEM_READER, f"MaxItems must be a positive integer but is {limit!r}")


def _listed(s3: Any, arguments: Mapping[str, Any]) -> list[Any]:
    pages = s3.get_paginator("list_objects_v2").paginate(**arguments)
    return [_object(item) for page in pages for item in page.get("Contents", [])]


def _object(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Etag": item["ETag"],
        "Key": item["Key"],
        "LastModified": int(item["LastModified"].timestamp()),
        "Size": item["Size"],
        "StorageClass": item.get("StorageClass", "STANDARD"),
    }


def _read(s3: Any, arguments: Mapping[str, Any], config: Mapping[str, Any]) -> list[Any]:
    kind = config.get("InputType", "JSON")
    if kind not in _READERS:
        raise ValueError(f"InputType is {kind}; there are {', '.join(_READERS)}")
    text = s3.get_object(**arguments)["Body"].read().decode("utf-8-sig")
    if kind == "MANIFEST":
        return _inventory(s3, text, config)
    return _READERS[kind](text, config)


def _from_json(text: str, config: Mapping[str, Any]) -> list[Any]:
    value = json.loads(text)
    for name in str(config.get("ItemsPointer", "")).split("/")[1:]:
        value = value[name]
    if isinstance(value, dict):
        return [{"Key": key, "Value": item} for key, item in value.items()]
    if not isinstance(value, list):
        raise ValueError("the file must hold an array or an object")  # noqa: TRY004 - a file's fault
    return value


def _from_lines(text: str, _: Mapping[str, Any]) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _from_csv(text: str, config: Mapping[str, Any]) -> list[Any]:
    delimiter = _DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if config.get("CSVHeaderLocation", "FIRST_ROW") == "GIVEN":
        names = config["CSVHeaders"]
    else:
        names, rows = (rows[0], rows[1:]) if rows else ([], [])
    return [_row(names, row) for row in rows]


def _row(names: list[str], row: list[str]) -> dict[str, str]:
    filled = [*row, *[""] * (len(names) - len(row))]
    return dict(zip(names, filled, strict=False))


def _inventory(s3: Any, text: str, _: Mapping[str, Any]) -> list[Any]:
    """Return what an S3 inventory lists.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
    """
    manifest = json.loads(text)
    names = [name.strip() for name in manifest["fileSchema"].split(",")]
    bucket = manifest["destinationBucket"].rpartition(":")[2]
    found = []
    for file in manifest["files"]:
        content = s3.get_object(Bucket=bucket, Key=file["key"])["Body"].read()
        rows = csv.reader(io.StringIO(gzip.decompress(content).decode()))
        found += [_row(names, row) for row in rows]
    return found


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], list[Any]]]] = {
    "JSON": _from_json,
    "JSONL": _from_lines,
    "CSV": _from_csv,
    "MANIFEST": _from_lines,
}
