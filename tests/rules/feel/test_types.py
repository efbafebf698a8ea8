"""Types: what is a kind of what, and how a value is fitted into one."""

from decimal import Decimal

import pytest

from amparo.rules.feel.conformance import DoesNotFit, conforms, fit
from amparo.rules.feel.temporal import Date
from amparo.rules.feel.types import (
    ANY,
    DATE_TIME,
    NULL,
    NUMBER,
    STRING,
    AllowedType,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    NamedType,
    RangeType,
    is_subtype,
)
from amparo.rules.feel.values import Range
from tests.rules.feel.evaluating import evaluate, shown

NUMBERS = ListType("list", NUMBER)
ANYTHINGS = ListType("list", ANY)
NAMED = ContextType("context", (("name", STRING),))
AGED = ContextType("context", (("name", STRING), ("age", NUMBER)))
POSITIVE = AllowedType("tPositive", NUMBER, lambda value: isinstance(value, Decimal) and value > 0)


def _tree(name: str, **fields: FeelType) -> tuple[FeelType, FeelType]:
    """Give a type that contains itself, and its name as it stands inside."""
    known: dict[str, FeelType] = {}
    inside = NamedType(name, known)
    branches = ("branches", ListType("list", inside))
    known[name] = ContextType(name, (*fields.items(), branches))
    return known[name], inside


TREE, BRANCH = _tree("tTree", leaf=NUMBER)
WIDE_TREE, _ = _tree("tWideTree", leaf=ANY)
BARE_TREE, _ = _tree("tBareTree")


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        (NUMBER, ANY, True),
        (NULL, NUMBER, True),
        (NUMBER, STRING, False),
        (POSITIVE, NUMBER, True),
        (NUMBERS, ANYTHINGS, True),
        (ANYTHINGS, NUMBERS, False),
        (RangeType("range", NUMBER), RangeType("range", ANY), True),
        (AGED, NAMED, True),
        (NAMED, AGED, False),
        (FunctionType("function", (ANY,), NUMBER), FunctionType("function", (NUMBER,), ANY), True),
        (FunctionType("function", (NUMBER,), ANY), FunctionType("function", (ANY,), ANY), False),
        (FunctionType("function", (), ANY), FunctionType("function", (ANY,), ANY), False),
        (BRANCH, TREE, True),
        (TREE, BRANCH, True),
        (TREE, WIDE_TREE, True),
        (WIDE_TREE, TREE, False),
        (TREE, BARE_TREE, True),
        (BARE_TREE, TREE, False),
    ],
)
def test_a_type_may_stand_where_a_wider_one_is_wanted(
    narrow: FeelType, wide: FeelType, *, expected: bool
) -> None:
    assert is_subtype(narrow, wide) is expected


def test_values_are_fitted_without_loss_or_not_at_all() -> None:
    assert fit(Decimal(1), NUMBERS) == [Decimal(1)]
    assert fit([Decimal(1)], POSITIVE) == Decimal(1)
    assert str(fit(Date(2024, 2, 29), DATE_TIME)) == "2024-02-29T00:00:00Z"
    for value, kind in (("1", NUMBER), ("1", NUMBERS), ([Decimal(1), Decimal(2)], NUMBER)):
        with pytest.raises(DoesNotFit):
            fit(value, kind)


def test_a_range_is_of_the_type_of_its_ends() -> None:
    open_range = Range(Decimal(1), None, low_included=True, high_included=False)

    assert conforms(open_range, RangeType("range", NUMBER))
    assert not conforms(open_range, RangeType("range", STRING))
    assert not conforms(Decimal(1), RangeType("range", NUMBER))
    assert not conforms(Decimal(1), FeelType("tUnheardOf"))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("(function(a: number, b: number) a) instance of function<number>->Any", "false"),
        ("{a: {b: 1}} instance of context<a: context<b: number>>", "true"),
        ("count instance of function", "true"),
        ("sort([2, 1], function(a: number, b: number) a < b)", "[1, 2]"),
        ("string((< 5))", '"(< 5)"'),
        ("string((>= 5))", '"(>= 5)"'),
        ("string((!= 5))", '"(!= 5)"'),
        ("string([1..2])", '"[1..2]"'),
        ('string({"a!": 1})', '"{\\"a!\\": 1}"'),
        ("string(function(a, b) a)", '"function(a, b)"'),
        ('string(@"10:00:00.50-01:30")', '"10:00:00.5-01:30"'),
        ('string(@"10:00:00+01:30:15")', '"10:00:00+01:30:15"'),
        ("true < false", "null"),
        ("1 < true", "null"),
        ('@"10:00:00Z" < @"10:00:00+01:00"', "false"),
        ('@"10:00:00Z" < @"10:00:00"', "null"),
        ('@"2024-01-01T10:00:00Z" < @"2024-01-01T10:00:00"', "null"),
        ('@"2024-01-01T10:00:00" <= @"2024-01-01T10:00:00"', "true"),
        ("6 in (> 5)", "true"),
        ("5 in (> 5)", "false"),
        ("5 in (=5)", "true"),
        ('"a" in [1..5]', "null"),
        ('1 in ["a".."c"]', "null"),
        ('"b" in (<= "a")', "false"),
    ],
)
def test_kinds_compared_and_written(text: str, result: str) -> None:
    assert shown(text) == result


def test_a_year_beyond_the_zone_tables_borrows_their_rules() -> None:
    summer = '@"99999-07-01T10:00:00@Europe/Paris".time offset'

    assert str(evaluate(summer)) == "PT2H"
    assert str(evaluate('@"-0044-03-15T10:00:00@Etc/UTC".time offset')) == "PT0S"
