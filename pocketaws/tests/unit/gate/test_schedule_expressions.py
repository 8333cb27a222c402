"""Expressions of EventBridge: every field has its values, and what is no value is named."""

import pytest

from pocketaws.gate.schedule_expressions import at_is_one, cron_problems, rate_is_one


@pytest.mark.parametrize(
    "fields",
    [
        "0 10 * * ? *",
        "15 12 * * ? *",
        "0 18 ? * MON-FRI *",
        "0 8 1 * ? *",
        "0/15 * * * ? *",
        "0/10 * ? * MON-FRI *",
        "0/5 8-17 ? * MON-FRI *",
        "0,15,30,45 22,23,0,1,2 * * ? *",
        "0 9 ? * 2#1 *",
        "0 0 L * ? *",
        "0 0 LW * ? *",
        "0 0 3W * ? *",
        "0 0 ? * 6L 2022-2023",
        "59 23 31 12 ? 2199",
        "0 0 1 JAN-DEC ? 1970",
        "*/5 * * * ? *",
    ],
)
def test_expressions_of_aws_own_examples_are_right(fields: str) -> None:
    assert list(cron_problems(f"cron({fields})")) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("99 * * * ? *", "'99' is no value of minutes"),
        ("-1 * * * ? *", "'-1' is no value of minutes"),
        ("60 * * * ? *", "'60' is no value of minutes"),
        ("0 24 * * ? *", "'24' is no value of hours"),
        ("0 0 0 * ? *", "'0' is no value of day of the month"),
        ("0 0 32 * ? *", "'32' is no value of day of the month"),
        ("0 0 1 13 ? *", "'13' is no value of month"),
        ("0 0 1 MON ? *", "'MON' is no value of month"),
        ("0 0 ? * 8 *", "'8' is no value of day of the week"),
        ("0 0 ? * 0 *", "'0' is no value of day of the week"),
        ("0 0 ? * MON#6 *", "'MON#6' is no value of day of the week"),
        ("0 0 1 * ? 1969", "'1969' is no value of year"),
        ("0 0 1 * ? 2200", "'2200' is no value of year"),
        ("0/60 * * * ? *", "'0/60' is no value of minutes"),
        ("0/0 * * * ? *", "'0/0' is no value of minutes"),
        ("1,,2 * * * ? *", "'1,,2' is no value of minutes"),
        ("0 0 L-3 * ? *", "'L-3' is no value of day of the month"),
        ("0 0 * * * *", "one is a question mark"),
        ("0 0 ? * ? *", "one is a question mark"),
        ("0 0 * * ?", "it has six fields"),
        ("0 0 * * ? * *", "it has six fields"),
        ("", "it has six fields"),
    ],
)
def test_what_is_no_value_is_named_with_its_field(fields: str, told: str) -> None:
    assert told in "; ".join(cron_problems(f"cron({fields})"))


@pytest.mark.parametrize(
    ("text", "of_a_rule", "of_a_schedule"),
    [
        ("rate(1 minute)", True, True),
        ("rate(5 minutes)", True, True),
        ("rate(1 minutes)", False, True),
        ("rate(5 minute)", False, True),
        ("rate(0 minutes)", False, False),
        ("rate(-1 minutes)", False, False),
        ("rate(1.5 hours)", False, False),
        ("rate(2 weeks)", False, False),
        ("rate (2 days)", False, False),
    ],
)
def test_a_rate_is_a_whole_number_with_its_unit(
    text: str, of_a_rule: bool, of_a_schedule: bool
) -> None:
    assert rate_is_one(text, plural_matters=True) is of_a_rule
    assert rate_is_one(text, plural_matters=False) is of_a_schedule


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("at(2027-01-31T03:00:00)", True),
        ("at(2028-02-29T23:59:59)", True),
        ("at(2027-02-29T03:00:00)", False),
        ("at(2027-01-31T24:00:00)", False),
        ("at(2027-01-31)", False),
    ],
)
def test_a_time_is_one_that_there_is(text: str, is_one: bool) -> None:
    assert at_is_one(text) is is_one
