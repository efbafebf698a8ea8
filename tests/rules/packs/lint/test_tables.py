"""Tables under the linter: gaps, overlaps and rules nothing reaches, each with a witness."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.rules.packs.lint import Finding, lint
from tests.rules.dmn.models import ask, decision, library, literal, source, table
from tests.rules.packs.packs import HEAD, INPUTS, files, pack

Rows = Sequence[tuple[Sequence[str], Sequence[str]]]


def findings(
    inputs: Sequence[str],
    rows: Rows,
    *,
    policy: str = "UNIQUE",
    kinds: dict[str, str] | None = None,
    head: str = "",
    default: str = "",
    aggregation: str = "",
    parameters: str | None = None,
    ages: int = 130,
) -> list[Finding]:
    """Lint a table over age (0 to 130), income, region and a member of each further kind."""
    logic = table(inputs, ["x"], rows, policy=policy, default=default, aggregation=aggregation)
    text = source(
        decision("right", RIGHT, ["i:age", "i:income"]),
        decision("amount", literal("income"), ["i:income", "i:rate"]),
        decision("of_birth", literal("born"), ["i:born", "i:bonus"]),
        decision("count_of_children", literal("count(ages)"), ["d:ages"]),
        decision("ages", literal("[1, 2]")),
        decision("region", literal('"urban"'), kind="tRegion"),
        decision("asked", literal("income > 1"), ["i:income"], kind="boolean"),
        decision("when", literal("born"), ["i:born"], kind="date"),
        decision(
            "looked_at",
            logic,
            [
                "i:age",
                "i:income",
                "i:rate",
                "d:count_of_children",
                "d:region",
                "d:asked",
                "d:when",
            ],
        ),
        inputs={**INPUTS, **(kinds or {})},
        head=HEAD.replace("130", str(ages)) + REGION + head,
    )
    changed = {"test.dmn": text}
    if parameters is not None:
        changed["parameters.toml"] = parameters
    return [
        found
        for found in lint(pack(changed))
        if found.element == "decision looked_at" and found.code.startswith("table.")
    ]


REGION = (
    "<itemDefinition name='tRegion'><typeRef>string</typeRef>"
    '<allowedValues><text>"urban", "rural"</text></allowedValues></itemDefinition>'
)
RIGHT = (
    '<literalExpression><text>{eligible: age > income, reason: "MET"}</text></literalExpression>'
)


def said(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in found]


@pytest.mark.parametrize(
    ("inputs", "rows", "message"),
    [
        (["age"], [(["< 60"], ["1"]), (["> 60"], ["2"])], "age 60: no rule"),
        (["income"], [(["<= 100"], ["1"]), ([">= 101"], ["2"])], "income 100.99: no rule"),
        (["income"], [(["[0..100]"], ["1"]), (["> 100"], ["2"])], "income -1: no rule"),
        (["region"], [(['"urban"'], ["1"])], 'region "rural": no rule'),
        (["asked"], [(["true"], ["1"])], "asked false: no rule"),
        (
            ["when"],
            [(['< date("2024-02-29")'], ["1"]), (['> date("2024-02-29")'], ["2"])],
            "when 2024-02-29: no rule",
        ),
        (
            ["count_of_children", "region"],
            [(["<= 3", "-"], ["1"]), (["> 3", '"rural"'], ["2"])],
            'count_of_children 4, region "urban": no rule',
        ),
        (["age"], [(["not(60)"], ["1"])], "age 60: no rule"),
        (["age"], [(["[0..20], [30..130]"], ["1"])], "age 29.99: no rule"),
    ],
)
def test_a_case_no_rule_answers_is_shown(inputs: list[str], rows: Rows, message: str) -> None:
    found = findings(inputs, rows)

    assert ("table.gap", message) in said(found)
    assert all(one.remedy and one.model == "test.dmn" for one in found)


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [
        (["age"], [(["< 60"], ["1"]), ([">= 60"], ["2"])]),
        (["count_of_children"], [(["[0..3]"], ["1"]), ([">= 4"], ["2"])]),
        (["region"], [(['"urban"'], ["1"]), (['"rural"'], ["2"])]),
        (["age", "region"], [(["-", '"urban"'], ["1"]), (["-", 'not("urban")'], ["2"])]),
        # What calls a function of the value cannot be cut: nothing is claimed.
        (["income"], [(["modulo(?, 2) = 0"], ["1"]), (["modulo(?, 2) = 1"], ["2"])]),
        # What names another decision may be anywhere.
        (["age"], [(["< count_of_children"], ["1"]), ([">= count_of_children"], ["2"])]),
    ],
)
def test_a_table_that_answers_all_is_left_alone(inputs: list[str], rows: Rows) -> None:
    assert not findings(inputs, rows)


def test_a_default_output_answers_the_rest() -> None:
    assert not findings(["age"], [(["< 60"], ["1"])], default="0")


@pytest.mark.parametrize(
    ("policy", "second", "message"),
    [
        ("UNIQUE", "2", "age 60: rules r1 and r2 both answer"),
        ("ANY", "2", "age 60: rules r1 and r2 differ"),
        ("ANY", "1", ""),
        ("FIRST", "2", ""),
        ("RULE ORDER", "2", ""),
    ],
)
def test_two_rules_for_one_case_are_shown_where_that_is_a_fault(
    policy: str, second: str, message: str
) -> None:
    found = findings(["age"], [(["<= 60"], ["1"]), ([">= 60"], [second])], policy=policy)

    assert [one.message for one in found] == ([message] if message else [])


def test_a_rule_that_those_before_it_hide_is_named() -> None:
    rows = [
        (["< 30", "-"], ["1"]),
        ([">= 30", '"urban"'], ["2"]),
        (["[20..40]", '"urban"'], ["3"]),
        (["-", '"rural"'], ["4"]),
    ]

    found = findings(["age", "region"], rows, policy="FIRST")

    assert said(found) == [("table.unreachable", "the rules before it answer all its cases")]
    assert found[0].row == "r3"
    assert found[0].position == "rule r3"


def test_a_test_that_nothing_passes_is_named() -> None:
    rows = [(["> 130"], ["1"]), (["<= 130"], ["2"])]

    found = findings(["age"], rows)

    assert said(found) == [("table.unreachable", "no allowed value of age passes “> 130”")]


def test_the_parameters_of_each_day_are_tried() -> None:
    """With rate 0.1 and 0.15 the rows meet; with 0.2 they leave a gap."""
    rows = [(["< rate"], ["1"]), ([">= 0.15"], ["2"]), (["[0.1..0.15)"], ["3"])]

    found = findings(["income"], rows, policy="FIRST")

    assert not [one for one in found if one.code == "table.gap"]
    rows = [(["< 0.15"], ["1"]), ([">= rate"], ["2"])]
    found = findings(["income"], rows, policy="FIRST")
    gaps = [one.message for one in found if one.code == "table.gap"]
    assert gaps
    assert gaps[0].endswith("(with the parameters of 2025-01-01)")


def test_a_rule_reached_on_one_day_is_reached() -> None:
    rows = [(["[0.15..rate]"], ["1"]), (["-"], ["2"])]

    assert not findings(["income"], rows, policy="FIRST")


def test_a_large_table_is_analysed() -> None:
    rows = [([f"[{n}..{n + 1})", "-"], [str(n)]) for n in range(250)]
    rows += [(["< 0", "-"], ["0"]), (["> 250", "-"], ["0"])]

    found = findings(["income", "region"], rows)

    assert said(found) == [("table.gap", "income 250: no rule")]


def test_a_table_of_ten_thousand_rules_is_analysed_in_seconds() -> None:
    rows = [([f"[{n}..{n + 1})", "-"], [str(n)]) for n in range(10_000)]
    rows += [(["< 0", "-"], ["0"]), (["> 10000", "-"], ["0"]), (["5000.5", '"urban"'], ["1"])]

    found = findings(["income", "region"], rows)

    assert said(found) == [
        ("table.gap", 'income 10000, region "urban": no rule'),
        ("table.overlap", 'income 5000.5, region "urban": rules r5001 and r10003 both answer'),
    ]


END = st.sampled_from(["0", "1", "2", "3", "4"])
AGE_TEST = st.one_of(
    st.just("-"),
    END,
    st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), END),
    st.builds(
        "{0}{1}..{2}{3}".format,
        st.sampled_from("[("),
        END,
        st.sampled_from("67"),
        st.sampled_from("])"),
    ),
    st.builds("not({})".format, END),
    st.builds("{}, {}".format, END, END),
)
REGION_TEST = st.sampled_from(["-", '"urban"', '"rural"', 'not("urban")'])


@settings(max_examples=60, deadline=None)
@given(tests=st.lists(st.tuples(AGE_TEST, REGION_TEST), min_size=1, max_size=5))
def test_gaps_and_overlaps_are_those_that_trying_every_case_finds(
    tests: list[tuple[str, str]],
) -> None:
    head = HEAD.replace("[0..130]", "[0..8]")
    book = library(
        decision(
            "d",
            table(
                ["age", "region"],
                ["x"],
                [(one, [f"{n}"]) for n, one in enumerate(tests)],
                policy="COLLECT",
            ),
            ["i:age", "i:region"],
        ),
        inputs={"age": "tAge", "region": "tRegion"},
        head=head + REGION,
    )
    cases = [(Decimal(half) / 2, region) for half in range(17) for region in ("urban", "rural")]
    answers = [ask(book, "d", {"age": age, "region": region}) or [] for age, region in cases]

    found = {
        one.code for one in findings(["age", "region"], [(one, ["1"]) for one in tests], ages=8)
    }

    assert ("table.gap" in found) == any(not answer for answer in answers)
    assert ("table.overlap" in found) == any(
        isinstance(answer, list) and len(answer) > 1 for answer in answers
    )


def test_every_finding_of_a_pack_that_passes_says_what_to_do() -> None:
    for found in lint(pack(files())):
        assert found.remedy.endswith(".")
        assert found.where
