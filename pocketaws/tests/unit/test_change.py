from types import SimpleNamespace
from typing import Any

import pytest

from pocketaws.change import Change, made


class Engine:
    def start(self) -> str:
        return "as moto does"


class Inheriting(Engine):
    pass


def test_a_change_is_made_and_taken_back() -> None:
    original = Engine.start
    before = Change(Engine, "start", lambda _: "as we do").made()
    changed = Engine().start()
    before.taken_back()

    assert changed == "as we do"
    assert Engine.start is original


def test_what_is_inherited_is_inherited_again() -> None:
    before = Change(Inheriting, "start", lambda _: "as we do").made()
    changed = Inheriting().start()
    before.taken_back()

    assert changed == "as we do"
    assert "start" not in vars(Inheriting)
    assert Inheriting().start() == "as moto does"


def test_an_attribute_that_moto_has_lost_is_not_replaced() -> None:
    with pytest.raises(AttributeError, match="lacks the attribute 'begin' that is to be replaced"):
        Change(Engine, "begin", None).made()


def test_an_attribute_that_moto_has_now_is_not_added() -> None:
    with pytest.raises(AttributeError, match="has the attribute 'start' that is to be added"):
        Change(Engine, "start", None, adds=True).made()


def test_an_addition_is_removed_again() -> None:
    target: Any = SimpleNamespace()
    before = Change(target, "begin", 1, adds=True).made()
    added = target.begin
    before.taken_back()

    assert added == 1
    assert not hasattr(target, "begin")


def test_two_changes_of_one_attribute_are_refused() -> None:
    changes = [Change(Engine, "start", None), Change(Engine, "start", len)]

    with pytest.raises(AttributeError, match="start is changed twice; join the two"):
        made(changes)

    assert Engine().start() == "as moto does"
