"""Bad input: every expression ends soon, as a refusal with its place or as null with its cause."""

import time

import pytest

from amparo.rules.feel.diagnostics import LimitExceeded, RuleError
from amparo.rules.feel.limits import MAX_TEXT
from amparo.rules.feel.values import refuse_beyond_measure, text_of
from tests.rules.feel.evaluating import causes, evaluate, shown

DOUBLED = "for i in 0..60 return if i = 0 then {0} else {1}"
LISTS = DOUBLED.format("[1]", "[partial[-1], partial[-1]]")
CONTEXTS = DOUBLED.format("{a: 1}", "{a: partial[-1], b: partial[-1]}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10**1000000000", "number.arithmetic"),
        ("exp(1000000)", "number.arithmetic"),
        ('number("1e999999999999999999")', "number.arithmetic"),
        ("[1][1E6000]", "list.index"),
        ("[1, 2][1E30]", "list.index"),
        ('substring("abc", 1, 1E40)', "number.too-large"),
        ("decimal(1.5, 1E40)", "number.too-large"),
        ("decimal(1E6000, 6000)", "number.arithmetic"),
        ("date(1E20, 1, 1)", "date.unreadable"),
        ('date("2020-01-01") + duration("P999999999999Y")', "date.range"),
        ('duration("P999999999999999999D") * 1E30', "date.range"),
        ('date(999999999, 12, 31) + @"P1D"', "date.range"),
        (DOUBLED.format('"ab"', "partial[-1] + partial[-1]"), "string.too-long"),
        (
            DOUBLED.format("[1, 2]", "concatenate(partial[-1], partial[-1])"),
            "list.too-long",
        ),
        (f"count(flatten({LISTS}))", "list.too-long"),
        (
            (
                "string join(for i in 1..1000 return"
                ' string join(for j in 1..99 return "abcdefghijkl"))'
            ),
            "string.too-long",
        ),
        ('context put({}, for i in 1..5000 return "a", 1)', "context.keys"),
        (f'range("[{" " * 50_000}")', "range.unreadable"),
        (f'range("[{"1" * 50_000}")', "range.unreadable"),
    ],
)
def test_a_value_beyond_its_limit_is_null_with_its_cause(text: str, code: str) -> None:
    started = time.process_time()

    assert code in causes(text)

    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000000 return i",
        "for i in 1..1E30 return i",
        'for i in @"-999999999-01-01"..@"999999999-01-01" return i',
        "some x in 1..2000, y in 1..2000 satisfies false",
        "(for i in 1..2000 return i)[count((for j in 1..2000 return j)[item > 0]) < 0]",
        "(function(f, n) f(f, n))(function(f, n) f(f, n), 1)",
        "{f: function(f, n) if n = 0 then 0 else f(f, n - 1) + f(f, n - 1), r: f(f, 40)}.r",
        f"string({LISTS})",
        f"string({CONTEXTS})",
        f"({LISTS}) = ({LISTS})",
        f"({CONTEXTS}) = ({CONTEXTS})",
        "distinct values(for i in 1..5000 return [i])",
    ],
)
def test_an_evaluation_without_end_is_ended(text: str) -> None:
    started = time.process_time()

    with pytest.raises(LimitExceeded) as ended:
        evaluate(text)

    assert ended.value.remedy
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "text",
    [
        "1" + "+1" * 5_000,
        "(" * 50_000,
        "[" * 100 + "]" * 100,
        "-" * 200 + "1",
        "if " * 500,
        "{a:" * 200 + "1" + "}" * 200,
        "a." * 5_000 + "b",
        "x" + "[1]" * 500,
        "1 instance of " + "list<" * 5_000,
        "1 instance of " + "list<" * 500 + "number" + ">" * 500,
        "for x in " * 80 + "[1]",
        "function(a) " * 100 + "1",
        "1 in (" * 90 + "1" + ")" * 90,
        "a " * 49_000,
        "9" * 50_000,
        "1e999999999",
        '@"' + "1" * 5_000 + '"',
        "a" * 100_001,
        '"' + "\\" * 1_000,
        '"\ud800"',
        '"\\uD83D"',
        "\x00",
    ],
)
def test_a_text_beyond_all_measure_is_refused_at_its_place(text: str) -> None:
    started = time.process_time()

    with pytest.raises(RuleError) as refused:
        evaluate(text)

    assert refused.value.span is not None or "characters; the limit is" in str(refused.value)
    assert time.process_time() - started < 2


def test_tests_in_parentheses_are_read_once_however_deep() -> None:
    started = time.process_time()

    assert shown("1 in (" * 25 + "1" + ") + 1" * 25) == "false"
    assert shown("4 in (1) + 3") == "true"
    assert shown("4 in (1..3)") == "false"
    assert shown("[5] in (1..3)[1]") == "null"
    assert time.process_time() - started < 1


def test_a_value_of_many_items_or_levels_cannot_be_shown() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]

    with pytest.raises(LimitExceeded, match="holds more than"):
        text_of(deep)
    with pytest.raises(LimitExceeded):
        refuse_beyond_measure([0] * (MAX_TEXT + 1))
    refuse_beyond_measure([[0] * 10] * 10)


def test_equal_items_are_kept_once_whatever_their_kind() -> None:
    text = (
        "distinct values([1, 1.0, true, true, null, null, [1], [1.0],"
        ' @"10:00:00Z", @"11:00:00+01:00", "1", @"P1D", @"PT24H"])'
    )

    assert shown(text) == '[1, true, null, [1], 10:00:00Z, "1", P1D]'
    assert shown("mode([2, 1, 1.0, 2.0, 3])") == "[1, 2]"
    assert shown("flatten([[1, [2, []]], [[[3]]]])") == "[1, 2, 3]"
