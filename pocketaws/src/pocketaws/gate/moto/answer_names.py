"""By which names moto's serializer looks for a member of an answer, found out once."""

from collections.abc import Iterable
from typing import Any, Final

from moto.core import serialize

from pocketaws.change import Change

# Members that are answered are a few thousand; what is beyond is found out anew.
_MOST: Final = 50_000


def changes() -> list[Change]:
    """Return what to change in moto's serializer.

    For each member of each answer it makes six objects to ask each for a further name; the names
    depend on the member's description and the class of what is answered alone, but where that has
    aliases of its own.
    """
    picker = serialize.XFormedAttributePicker
    names_of = picker.get_possible_keys
    known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def get_possible_keys(
        self: serialize.XFormedAttributePicker, context: serialize.AttributePickerContext
    ) -> Iterable[str]:
        is_own = self.alias_providers is not serialize.DEFAULT_ALIAS_PROVIDERS
        if is_own or hasattr(context.obj, "Meta"):
            own: Iterable[str] = names_of(self, context)
            return own
        shape = context.shape
        place = (
            *(context.key, context.obj.__class__.__name__),
            *(shape, getattr(shape, "parent", None)),
        )
        names = known.get(place)
        if names is None:
            if len(known) >= _MOST:
                known.clear()
            names = known[place] = tuple(dict.fromkeys(names_of(self, context)))
        return names

    return [Change(picker, "get_possible_keys", get_possible_keys)]
