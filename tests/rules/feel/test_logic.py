"""Three-valued logic: true, false, and not known."""

from decimal import Decimal
from itertools import product
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.rules.feel.run import Run, Unknown
from amparo.rules.feel.values import Value
from tests.rules.feel.evaluating import causes, evaluate, passes, shown

Truth: TypeAlias = bool | None
truths = st.sampled_from([True, False, None])


@given(left=truths, right=truths)
def test_de_morgan_holds_with_unknown_truths(*, left: Truth, right: Truth) -> None:
    names = {"a": left, "b": right}

    both = evaluate("a and b", names)
    either = evaluate("not(a) or not(b)", names)

    assert both == (None if either is None else not either)


@pytest.mark.parametrize(("left", "right"), list(product([True, False, None], repeat=2)))
def test_and_is_false_as_soon_as_one_side_is(*, left: Truth, right: Truth) -> None:
    expected = False if False in (left, right) else None if None in (left, right) else True

    assert evaluate("a and b", {"a": left, "b": right}) is expected
    assert evaluate("b and a", {"a": left, "b": right}) is expected


@given(values=st.lists(truths, max_size=5))
def test_some_and_every_are_chains_of_or_and_and(values: list[bool | None]) -> None:
    some = True if True in values else None if None in values else False
    every = False if False in values else None if None in values else True

    assert evaluate("some x in list satisfies x", {"list": values}) is some
    assert evaluate("every x in list satisfies x", {"list": values}) is every
    assert evaluate("any(list)", {"list": values}) is some
    assert evaluate("all(list)", {"list": values}) is every


def test_null_equals_null_and_nothing_else() -> None:
    assert evaluate("null = null") is True
    assert evaluate("null = 0") is False
    assert evaluate("1 != null") is True


def test_values_of_different_kinds_are_neither_equal_nor_unequal() -> None:
    assert evaluate('1 = "1"') is None
    assert evaluate('1 != "1"') is None
    assert causes('1 < "1"') == ["null.comparison"]


def test_a_word_is_no_truth() -> None:
    assert evaluate('true and "yes"') is None
    assert causes('true and "yes"') == ["type.operator"]
    assert evaluate('false and "yes"') is False


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("5 between 1 and 10", "true"),
        ("null between 1 and 10", "null"),
        ("5 in (1..5]", "true"),
        ("5 in ]1..5[", "false"),
        ("5 in (< 3, > 4)", "true"),
        ("5 in [1, 5]", "true"),
        ("5 in [[1..2], [4..6]]", "true"),
        ("5 in != 5", "false"),
        ("null in [1..5]", "null"),
        ("5 in [null..10]", "null"),
        ("[1] in [[1]]", "true"),
        ("(=10) = (=10)", "true"),
        ("(=10) = [10..10]", "false"),
        ("[1..3] = [1..3]", "true"),
        ("{a: 1} = {a: 1}", "true"),
        ("{a: 1} = {b: 1}", "false"),
        ('[1, "a"] = [1, 2]', "null"),
        ("[1] = [1, 2]", "false"),
        ("if true then 1 else 2", "1"),
        ("not(null)", "null"),
        ("1 instance of number", "true"),
        ("null instance of number", "false"),
        ("null instance of Null", "true"),
        ("[1, 2] instance of list<number>", "true"),
        ('[1, "a"] instance of list<number>', "false"),
        ("{a: 1} instance of context<a: number>", "true"),
        ("[1..2] instance of range<number>", "true"),
        ("(function(a: number) a) instance of function<number>->Any", "true"),
        ("is(1, 1)", "true"),
        ('is(1, "1")', "false"),
        ('is(@"10:00:00Z", @"11:00:00+01:00")', "false"),
    ],
)
def test_questions_and_their_answers(text: str, result: str) -> None:
    assert shown(text) == result


@pytest.mark.parametrize(
    ("cell", "value", "result"),
    [
        ("-", None, True),
        ("< 60", 59, True),
        ("[60..65)", 65, False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ("not(null)", None, False),
        ("null", None, True),
        ("< 60", None, None),
        ("? > 3 and ? < 5", 4, True),
        ("? > 3", None, None),
        ("limit", 60, True),
        ("> limit", 61, True),
        ("true", False, False),
        ("string length(?) = 2", "ab", True),
    ],
)
def test_cells_of_a_table(cell: str, value: object, result: object) -> None:
    tested = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
    assert passes(cell, tested, {"limit": Decimal(60)}) is result


def test_a_null_condition_takes_else_and_is_noted() -> None:
    run = Run()

    result = evaluate("if person.income < 100 then 1 else 2", {"person": {"income": None}}, run)

    assert str(result) == "2"
    assert run.unknowns == [Unknown("if.null", "", "person.income < 100", ("person.income",))]


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ('status = "resident"', True),
        ('status != "resident"', True),
        ('status in ("resident", "guest")', True),
        ('list contains(["resident"], status)', True),
        ("status = null", False),
        ('status in (null, "resident")', False),
        ("is(status, null)", False),
        ('status != null and status = "resident"', False),
    ],
)
def test_a_null_answered_with_yes_or_no_is_noted_unless_null_was_asked_for(
    text: str, *, noted: bool
) -> None:
    run = Run()

    assert isinstance(evaluate(text, {"status": None}, run), bool)

    assert [unknown.facts for unknown in run.unknowns] == ([("status",)] if noted else [])


def test_a_decisive_side_makes_doubts_about_the_other_irrelevant() -> None:
    doubt = (Unknown("if.null", "", "x", ("x",)),)
    for text in ("sure and doubtful", "doubtful and sure"):
        run = Run(uncertain={"doubtful": doubt})

        assert evaluate(text, {"sure": False, "doubtful": True}, run) is False
        assert run.unknowns == []
    run = Run(uncertain={"doubtful": doubt})
    assert evaluate("sure and doubtful", {"sure": True, "doubtful": True}, run) is True
    assert run.unknowns == list(doubt)


def test_a_filter_that_cannot_answer_is_noted() -> None:
    run = Run()

    kept = evaluate("list[item > 2]", {"list": [None]}, run)

    assert kept == []
    assert run.unknowns[0].cause == "filter.null"
    assert run.unknowns[0].facts == ("item",)


def test_an_unknown_list_is_not_an_empty_one() -> None:
    run = Run()

    kept = evaluate("count(children[age < 16])", {"children": None, "age": 1}, run)

    assert kept == 0
    assert [(doubt.cause, doubt.facts) for doubt in run.unknowns] == [
        ("filter.null-list", ("children",))
    ]
    for known in ("null[item > 2]", "[][item > 2]"):
        run = Run()
        assert evaluate(known, {}, run) == []
        assert run.unknowns == []


@pytest.mark.parametrize(
    ("cell", "value", "passed"),
    [
        ("[1..3]", Decimal(1), True),
        ("(1..3]", Decimal(1), False),
        ("[1..3)", Decimal(3), False),
        ("[1..3]", Decimal(2), True),
        ("[1..3]", "2", None),
        ("[1..3]", None, None),
        ('["a".."c")', "b", True),
        ('["a".."c")', "c", False),
        ("[3..1]", Decimal(2), False),
    ],
)
def test_a_cell_of_a_fixed_range_is_a_plain_test(cell: str, value: Value, passed: object) -> None:
    assert passes(cell, value) is passed
