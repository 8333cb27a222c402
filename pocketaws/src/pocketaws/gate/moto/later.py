"""Modules that stand for others while something is imported; these are imported when asked for.

What is imported meanwhile may name them and what is in them, in its `import` statements as well,
and uses it later: then the real module is imported as ever. A class of a module that was never
imported has no instances.
"""

import importlib
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

_LEAVING: Final = threading.Lock()
Bring = Callable[[str], ModuleType]


class LaterModule(ModuleType):
    """Stands for a module, in the context of `standing_in` and wherever it was named there.

    Args:
        name: of the module.
        bring: imports it.
        given: what it has at once.
    """

    def __init__(self, name: str, bring: Bring = importlib.import_module, **given: Any) -> None:
        super().__init__(name)
        self.__dict__.update(given, _is_awaited=True, _bring=bring)

    def __getattr__(self, name: str) -> Any:
        # What the import system asks of every module.
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__dict__["_is_awaited"]:
            return LaterName(self.__name__, name, self._bring)
        return getattr(self._real(), name)

    def _real(self) -> ModuleType:
        with _LEAVING:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        bring: Bring = self.__dict__["_bring"]
        return bring(self.__name__)


class LaterName:
    """Stands for what a module has: a function, a class, or an object.

    Args:
        module_name: of the module.
        name: in it.
        bring: imports the module.
    """

    def __init__(self, module_name: str, name: str, bring: Bring) -> None:
        self._module_name = module_name
        self._name = name
        self._bring = bring

    def _real(self) -> Any:
        return getattr(self._bring(self._module_name), self._name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call what it stands for."""
        return self._real()(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._real()[key]

    def __instancecheck__(self, instance: object) -> bool:
        return self._module_name in sys.modules and isinstance(instance, self._real())


@contextmanager
def standing_in(modules: Iterable[LaterModule], *, staying: Collection[str] = ()) -> Iterator[None]:
    """Have modules be stood for in this context, but for those that are imported already.

    Args:
        modules: stand for them; a package comes before what is in it.
        staying: names of those that go on standing until they are asked for what they have not.
    """
    stand_ins = {each.__name__: each for each in modules if each.__name__ not in sys.modules}
    for name, module in stand_ins.items():
        package, _, last = name.rpartition(".")
        if package in stand_ins:
            setattr(stand_ins[package], last, module)
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            module.__dict__["_is_awaited"] = False
            if name not in staying:
                del sys.modules[name]
