"""Patterns of policies."""

import fnmatch
import itertools

import pytest

from pocketaws.iam.conditions import like

_SIGNS = ("", "a", "b", "*", "[", ".")


@pytest.mark.parametrize("question", ["", "?"])
def test_patterns_fit_as_the_library_for_file_names_has_it_but_for_brackets(question: str) -> None:
    texts = ["".join(signs) for signs in itertools.product(("", "a", "b", "[", "\n"), repeat=3)]
    patterns = {"".join(signs) + question for signs in itertools.product(_SIGNS, repeat=4)}
    differing = [
        (pattern, text)
        for pattern in patterns
        for text in texts
        if like(pattern, text) != fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
    ]

    assert differing == []
    assert not like("a*a", "a")
    assert like("a*a", "aba")
