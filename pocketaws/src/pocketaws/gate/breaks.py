"""What a valid call is answered where moto breaks over it: the name of the call, and what lacks.

Where moto looks up what the request names, and does not find it, that is not there; where it reads
a member that the request may leave out, that is needed here. An error of the emulator's own stays
one: `the emulator broke`.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from pocketaws.calls import Call
from pocketaws.service_models import operation_model
from pocketaws.shortages import broken, shortage
from pocketaws.wire.refusals import Refusal

_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = re.compile("NotFound|DoesNotExist|NoSuch|NotExist|Unknown", re.IGNORECASE)
_OURS: Final = re.compile(r"[\\/]pocketaws[\\/][^\\/]+(?:[\\/][^\\/]+)*\.py$")
_LIBRARIES: Final = "site-packages"


def refusal_of_break(error: Exception, call: Call | None) -> Refusal:
    """Return what a call is answered that the emulator breaks over.

    Args:
        error: that it broke with.
        call: that it broke over; None where it is not known.
    """
    if call is None or shortage(error) is not None or not _is_motos(error):
        return Refusal("InternalFailure", broken(error), _BAD_REQUEST)
    name = f"{call.service}:{call.operation or 'a call without a name'}"
    key = str(error.args[0]) if isinstance(error, KeyError) and error.args else ""
    model = _model(call)
    if key and any(_names(text, key) for text in _texts(call.request)):
        return Refusal(_not_found_code(model), f"{name}: there is no {key!r}", _BAD_REQUEST)
    if key and model is not None and key in _members(model.input_shape, set()):
        text = f"{name} is emulated with {key!r} only, which the request leaves out"
        return Refusal("ValidationException", text, _BAD_REQUEST)
    message = f"{name} is not emulated for such a request ({type(error).__name__}: {error})"
    return Refusal("UnknownOperationException", message, _BAD_REQUEST)


def _model(call: Call) -> OperationModel | None:
    try:
        return operation_model(call.service, call.operation)
    except UnknownServiceError:
        return None


def _is_motos(error: Exception) -> bool:
    """Tell whether an error comes from a library, and not from the emulator's own code.

    What Python's own modules raise comes from who called them.
    """
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _OURS.search(frame.filename):
            return False
        if _LIBRARIES in frame.filename:
            return True
    return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _names(text: str, key: str) -> bool:
    """Tell whether a text of the request is what was looked up: a name, or an ARN of that name."""
    return bool(text) and (text == key or key.endswith((f":{text}", f"/{text}")))


def _not_found_code(model: OperationModel | None) -> str:
    known = [] if model is None else [shape.name for shape in model.error_shapes]
    return next(filter(_NOT_FOUND.search, known), "ResourceNotFoundException")


def _members(shape: Shape | None, seen: set[str]) -> set[str]:
    """Return the names of all members below a shape."""
    if shape is None or shape.name in seen:
        return set()
    seen.add(shape.name)
    if isinstance(shape, StructureShape):
        below = [_members(member, seen) for member in shape.members.values()]
        return set(shape.members).union(*below)
    if isinstance(shape, ListShape):
        return _members(shape.member, seen)
    return _members(shape.value, seen) if isinstance(shape, MapShape) else set()
