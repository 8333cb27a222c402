"""What a transform job does with records: split, filter, batch, join, assemble.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.errors import JobFailure
from pocketaws.sagemaker.jobs.record_paths import selected

ALL: Final = "$"
_CSV: Final = "text/csv"
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Processing:
    """How a job treats records; fields are named as the request's.

    Attributes:
        content_type: of the input, "" where it is not said.
        accept: of the output, "" where it is not said.
        splits: whether each line is a record.
        assembles: whether records end lines of the output.
        batches: whether a request has several records.
        payload_mb: the largest request; 0 for no limit.
        input_filter: what of a record the model gets.
        output_filter: what of a record, and of the prediction that was joined to it, is kept.
        joins: whether the output has the input, too.
    """

    content_type: str = ""
    accept: str = ""
    splits: bool = False
    assembles: bool = False
    batches: bool = True
    payload_mb: int = 6
    input_filter: str = ALL
    output_filter: str = ALL
    joins: bool = False

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "Processing":
        """Read a CreateTransformJob's request."""
        given, output = request["TransformInput"], request["TransformOutput"]
        treated = request.get("DataProcessing") or {}
        return cls(
            content_type=given.get("ContentType", ""),
            accept=output.get("Accept", ""),
            splits=given.get("SplitType", "None") == "Line",
            assembles=output.get("AssembleWith", "None") == "Line",
            batches=request.get("BatchStrategy", "MultiRecord") == "MultiRecord",
            payload_mb=request.get("MaxPayloadInMB", 6),
            input_filter=treated.get("InputFilter", ALL),
            output_filter=treated.get("OutputFilter", ALL),
            joins=treated.get("JoinSource", "None") == "Input",
        )

    @property
    def treats(self) -> bool:
        """Whether records are looked into."""
        return self.joins or self.input_filter != ALL or self.output_filter != ALL

    def records(self, content: bytes) -> list[bytes]:
        """Return an object's records, without the ends of lines."""
        if not self.splits:
            return [content]
        return [line for line in content.replace(b"\r\n", b"\n").split(b"\n") if line]

    def requests(self, records: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the bodies of the requests that an object's records make.

        Raises:
            JobFailure: a record is larger than a request may be.
        """
        limit = self.payload_mb * _MEGABYTE
        batch: list[bytes] = []
        size = 0
        for record in map(self._asked, records):
            if limit and len(record) > limit:
                raise JobFailure(
                    "ClientError: Record size exceeds the maximum payload of "
                    f"{self.payload_mb} MB. Set MaxPayloadInMB to a higher value."
                )
            if batch and (not self.batches or (limit and size + len(record) > limit)):
                yield b"\n".join(batch)
                batch, size = [], 0
            batch.append(record)
            size += len(record) + 1
        if batch:
            yield b"\n".join(batch)

    def output(self, records: Sequence[bytes], answers: Sequence[bytes]) -> bytes:
        """Return the object that is written for one that was read.

        Raises:
            JobFailure: there are not as many predictions as records to join them to.
        """
        if not self.treats:
            return self._assembled(answers)
        predictions = [line for answer in answers for line in self._predictions(answer)]
        if self.joins and len(predictions) != len(records):
            raise JobFailure(
                f"ClientError: {len(predictions)} predictions cannot be joined to {len(records)} "
                "records of the input; split it by Line"
            )
        rows = [
            self._joined(record, prediction)
            for record, prediction in self._pairs(records, predictions)
        ]
        return self._assembled(rows)

    def _pairs(
        self, records: Sequence[bytes], predictions: Sequence[bytes]
    ) -> Iterator[tuple[bytes, bytes]]:
        if self.joins:
            yield from zip(records, predictions, strict=True)
        else:
            yield from ((b"", prediction) for prediction in predictions)

    def _asked(self, record: bytes) -> bytes:
        if self.input_filter == ALL:
            return record
        return _written(
            selected(_read(record, self.content_type), self.input_filter), self.content_type
        )

    def _predictions(self, answer: bytes) -> list[bytes]:
        if not self.splits:
            return [answer]
        separated = answer.strip()
        # The built-in algorithm separates the predictions of several rows by commas or lines.
        if b"\n" not in separated and self.batches and _is_csv(self._accept):
            return separated.split(b",")
        return separated.split(b"\n")

    @property
    def _accept(self) -> str:
        return self.accept or self.content_type

    def _joined(self, record: bytes, prediction: bytes) -> bytes:
        told = _read(prediction, self._accept)
        if self.joins:
            told = _merged(_read(record, self.content_type), told)
        return _written(selected(told, self.output_filter), self._accept)

    def _assembled(self, parts: Sequence[bytes]) -> bytes:
        if not self.assembles:
            return b"".join(parts)
        return b"".join(part if part.endswith(b"\n") else part + b"\n" for part in parts)


def _merged(record: Any, prediction: Any) -> Any:
    if isinstance(record, list) and isinstance(prediction, list):
        return [*record, *prediction]
    if isinstance(record, dict):
        return {**record, "SageMakerOutput": prediction}
    return {"SageMakerInput": record, "SageMakerOutput": prediction}


def _is_csv(content_type: str) -> bool:
    return content_type.partition(";")[0].strip() in (_CSV, "")


def _read(record: bytes, content_type: str) -> Any:
    text = record.decode().strip()
    if _is_csv(content_type):
        return next(csv.reader([text]), [])
    try:
        return json.loads(text)
    except ValueError as error:
        raise JobFailure(
            f"ClientError: a record of the type {content_type} is no JSON: {error}"
        ) from error


def _written(value: Any, content_type: str) -> bytes:
    if not _is_csv(content_type):
        return json.dumps(value).encode()
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(value if isinstance(value, list) else [value])
    return buffer.getvalue().encode()
