"""Decision tables: every hit policy, and what missing data does to them."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from amparo.rules.feel.diagnostics import NotSupported
from amparo.rules.feel.run import Run
from amparo.rules.feel.values import Value, text_of
from tests.rules.dmn.models import ask, decision, library, table

OVERLAPPING = [(["> 1"], ['"low"', "1"]), (["> 2"], ['"high"', "2"]), (["> 2"], ['"low"', "4"])]


def result_of(
    policy: str,
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    value: int | None,
    *,
    outputs: Sequence[str] = ("out",),
    aggregation: str = "",
    values: str = "",
    default: str = "",
) -> tuple[str, Run]:
    logic = table(
        ["x"],
        outputs,
        rows,
        policy=policy,
        aggregation=aggregation,
        values=values,
        default=default,
    )
    book = library(decision("d", logic, ["i:x"]), inputs={"x": "number"})
    assert list(book.problems()) == []
    run = Run()
    given = {"x": None if value is None else Decimal(value)}
    return text_of(ask(book, "d", given, run)), run


def numbers(
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
) -> list[tuple[Sequence[str], list[str]]]:
    return [(tests, [outputs[1]]) for tests, outputs in rows]


@pytest.mark.parametrize(
    ("policy", "aggregation", "expected"),
    [
        ("FIRST", "", "1"),
        ("RULE ORDER", "", "[1, 2, 4]"),
        ("COLLECT", "", "[1, 2, 4]"),
        ("COLLECT", "SUM", "7"),
        ("COLLECT", "COUNT", "3"),
        ("COLLECT", "MIN", "1"),
        ("COLLECT", "MAX", "4"),
        ("PRIORITY", "", "4"),
        ("OUTPUT ORDER", "", "[4, 2, 1]"),
    ],
)
def test_several_rules_match(policy: str, aggregation: str, expected: str) -> None:
    result, _ = result_of(
        policy, numbers(OVERLAPPING), 3, aggregation=aggregation, values="4, 2, 1"
    )

    assert result == expected


def test_priorities_of_several_outputs_look_at_the_first_then_the_next() -> None:
    result, _ = result_of(
        "OUTPUT ORDER", OVERLAPPING, 3, outputs=("risk", "n"), values='"high", "low"'
    )

    assert result == '[{risk: "high", n: 2}, {risk: "low", n: 1}, {risk: "low", n: 4}]'


def test_two_matches_of_a_unique_table_are_an_error() -> None:
    result, run = result_of("UNIQUE", numbers(OVERLAPPING), 3)

    assert result == "null"
    assert run.diagnostics[0].code == "table.conflict"
    assert "r1, r2, r3" in run.diagnostics[0].message


def test_an_any_table_wants_equal_outputs() -> None:
    same = [(["> 1"], ["5"]), (["> 2"], ["5"])]
    unlike = [(["> 1"], ["5"]), (["> 2"], ["6"])]

    assert result_of("ANY", same, 3)[0] == "5"
    result, run = result_of("ANY", unlike, 3)
    assert result == "null"
    assert run.diagnostics[0].code == "table.conflict"


def test_without_a_match_the_default_counts() -> None:
    assert result_of("UNIQUE", [(["1"], ["2"])], 9, default="7")[0] == "7"
    result, run = result_of("UNIQUE", [(["1"], ["2"])], 9)
    assert result == "null"
    assert run.diagnostics[0].code == "table.no-match"


def test_a_sum_of_words_is_null_with_its_cause() -> None:
    result, run = result_of("COLLECT", [(["-"], ['"a"'])], 1, aggregation="SUM")

    assert result == "null"
    assert run.diagnostics[0].code == "type.argument"


def test_an_empty_cell_is_a_dash_and_an_empty_output_null() -> None:
    assert result_of("UNIQUE", [([""], [""])], 1)[0] == "null"


@pytest.mark.parametrize(
    ("policy", "aggregation", "outputs"),
    [("BEST", "", ("a",)), ("COLLECT", "MODE", ("a",)), ("COLLECT", "SUM", ("a", "b"))],
)
def test_what_a_table_cannot_mean_is_refused_by_name(
    policy: str, aggregation: str, outputs: Sequence[str]
) -> None:
    logic = table(
        ["1"], outputs, [(["-"], ["1"] * len(outputs))], policy=policy, aggregation=aggregation
    )

    problems = list(library(decision("d", logic)).problems())

    assert isinstance(problems[0], NotSupported)
    assert "decision d" in problems[0].where


class TestMissingData:
    """A row that could have matched, had the data been known, makes the result uncertain."""

    def test_a_null_that_skips_a_rule_is_noted_with_its_fact(self) -> None:
        rows = [(["> 100"], ["false"]), (["-"], ["true"])]

        result, run = result_of("FIRST", rows, None)

        assert result == "true"
        assert run.uncertain["d"][0].cause == "table.null"
        assert run.uncertain["d"][0].facts == ("x",)

    def test_a_rule_for_null_is_an_answer(self) -> None:
        rows = [(["null"], ["false"]), (["-"], ["true"])]

        result, run = result_of("FIRST", rows, None)

        assert result == "false"
        assert run.uncertain == {}

    def test_a_rule_before_the_gap_decides(self) -> None:
        rows = [(["-"], ["true"]), (["> 100"], ["false"])]

        assert result_of("FIRST", rows, None)[1].uncertain == {}

    def test_a_unique_match_leaves_no_doubt(self) -> None:
        rows = [(["> 100"], ["false"]), (["-"], ["true"])]

        assert result_of("UNIQUE", rows, None)[1].uncertain == {}

    def test_a_row_ruled_out_by_another_column_raises_no_doubt(self) -> None:
        logic = table(
            ["age", "income"],
            ["out"],
            [(["< 60", "-"], ["1"]), ([">= 60", "> 100"], ["2"]), (["-", "-"], ["3"])],
            policy="FIRST",
        )
        book = library(
            decision("d", logic, ["i:age", "i:income"]),
            inputs={"age": "number", "income": "number"},
        )
        young, old = Run(), Run()

        assert text_of(ask(book, "d", {"age": Decimal(50), "income": None}, young)) == "1"
        assert text_of(ask(book, "d", {"age": Decimal(70), "income": None}, old)) == "3"
        assert young.uncertain == {}
        assert old.uncertain["d"][0].facts == ("income",)

    def test_doubt_is_handed_on_to_the_decision_that_reads_it(self) -> None:
        inner = decision(
            "poor",
            table(["income"], ["out"], [(["< 100"], ["true"]), (["-"], ["false"])], policy="FIRST"),
            ["i:income"],
        )
        outer = decision(
            "d", table(["poor"], ["out"], [(["true"], ["1"]), (["false"], ["0"])]), ["d:poor"]
        )
        book = library(inner, outer, inputs={"income": "number"})
        run = Run()

        ask(book, "d", {"income": None}, run)

        assert run.uncertain["d"][0].facts == ("income",)

    def test_a_priority_table_is_uncertain_when_any_row_is(self) -> None:
        rows = [(["> 100"], ["1"]), (["-"], ["2"])]

        assert result_of("PRIORITY", rows, None, values="1, 2")[1].uncertain["d"]


@pytest.mark.parametrize(
    ("value", "expected", "is_doubtful"),
    [
        (True, "yes", False),
        (False, "no", False),
        (None, None, True),
        (Decimal(1), None, True),
    ],
)
def test_a_cell_of_true_or_false_is_compared_and_never_passes_by_itself(
    value: Value, expected: str | None, *, is_doubtful: bool
) -> None:
    rows = [(["true"], ['"yes"']), (["false"], ['"no"'])]
    book = library(decision("d", table(["i"], ["r"], rows), ["i:i"]), inputs={"i": "Any"})
    run = Run()

    assert ask(book, "d", {"i": value}, run) == expected
    assert bool(run.uncertain) is is_doubtful


def test_a_null_row_answers_for_what_is_not_known_beside_rows_of_true_and_false() -> None:
    rows = [(["true"], ['"yes"']), (["false"], ['"no"']), (["null"], ['"not known"'])]
    book = library(decision("d", table(["i"], ["r"], rows), ["i:i"]), inputs={"i": "boolean"})

    assert ask(book, "d", {"i": None}) == "not known"


def test_what_is_not_known_does_not_pass_a_cell_that_names_a_true_value() -> None:
    rows = [(["wanted"], ['"yes"'])]
    book = library(
        decision("d", table(["i"], ["r"], rows), ["i:i", "i:wanted"]),
        inputs={"i": "boolean", "wanted": "boolean"},
    )

    assert ask(book, "d", {"i": None, "wanted": True}) is None
    assert ask(book, "d", {"i": True, "wanted": True}) == "yes"
