"""Expressions and parameters under the linter."""

import pytest

from amparo.rules.packs.lint import Finding, lint
from tests.rules.dmn.models import decision, literal, source, table
from tests.rules.packs.packs import HEAD, INPUTS, MANIFEST, PARAMETERS, RIGHT, model, pack


def of(code: str, found: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in found if one.code == code]


@pytest.mark.parametrize(
    ("formula", "is_found"),
    [
        ("income / 3", True),
        ("min(income / 3, 5)", True),
        ("if income > 3 then income / rate else 0", True),
        ("-(income / 3) + 1", True),
        ("mean([income, rate])", True),
        ("income / 4", False),
        ("income * rate / 100", False),
        ("floor(income / 3, 2)", False),
        ("income / 3 > 4", False),
        ("income * 3", False),
    ],
)
def test_a_quotient_that_nothing_rounds_is_named(formula: str, is_found: bool) -> None:  # noqa: FBT001
    found = of("arithmetic.unrounded", lint(pack({"test.dmn": model(amount=formula)})))

    assert bool(found) is is_found
    assert all(one.element == "decision amount" for one in found)


def test_a_quotient_that_comes_in_by_a_name_is_seen() -> None:
    extra = decision("share", literal("income / 7"), ["i:income"]) + decision(
        "total", literal("floor(share * 12, 0)"), ["d:share"]
    )

    found = of("arithmetic.divided-earlier", lint(pack({"test.dmn": model(extra=extra)})))

    assert [one.element for one in found] == ["decision total"]


def right(logic: str, requires: tuple[str, ...] = ("i:age", "i:income")) -> str:
    return source(
        decision("right", logic, list(requires)),
        decision("amount", literal("income * rate"), ["i:income", "i:rate"]),
        decision("of_birth", literal("born"), ["i:born", "i:bonus"]),
        inputs=INPUTS,
        head=HEAD,
    )


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ("income > 100", True),
        ("income != null and income > 100", False),
        ("age > 60", False),
        ("bonus > 1", True),
    ],
)
def test_a_condition_that_may_be_null_in_an_eligibility_is_named(
    condition: str,
    is_found: bool,  # noqa: FBT001
) -> None:
    logic = literal(
        f'if {condition} then {{eligible: true}} else {{eligible: false, reason: "MET"}}'
    )

    found = of(
        "condition.nullable",
        lint(pack({"test.dmn": right(logic, ("i:age", "i:income", "i:bonus"))})),
    )

    assert bool(found) is is_found


def test_a_column_that_may_be_null_is_named_unless_a_rule_says_null() -> None:
    named = of("condition.nullable", lint(pack({"test.dmn": right(RIGHT)})))
    handled = RIGHT.replace("<text>&gt; 100</text>", "<text>null, &gt; 100</text>")

    assert [(one.position, one.column) for one in named] == [("column income", 1)]
    assert not of("condition.nullable", lint(pack({"test.dmn": right(handled)})))


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (literal('if age = "old" then 1 else 2'), "compares a number with a string"),
        (literal('age * "2"'), "calculates with a string"),
        (table(["age"], ["x"], [(['"old"'], ["1"])]), "tests a number against a string"),
        (table(["age"], ["x"], [(['[1..@"2024-01-01"]'], ["1"])]), "tests a number against a date"),
        (
            table(["age"], ["x"], [(["1"], ['"a"'])]).replace(
                '<output name="x">', '<output name="x" typeRef="number">'
            ),
            "gives a string where the column declares a number",
        ),
    ],
)
def test_types_that_cannot_fit_are_named(logic: str, message: str) -> None:
    extra = decision("looked_at", logic, ["i:age"])

    found = of("type.clash", lint(pack({"test.dmn": model(extra=extra)})))

    assert found
    assert found[0].message.startswith(message)


# Parameters -------------------------------------------------------------------------------


def test_a_day_before_the_first_row_and_after_the_last_has_no_value() -> None:
    early = MANIFEST.replace("valid_from = 2024-01-01", "valid_from = 2023-01-01")
    ended = PARAMETERS.replace(
        "valid_from = 2025-01-01\nknown_from = 2024-12-01",
        "valid_from = 2025-01-01\nvalid_to = 2026-01-01\nknown_from = 2024-12-01",
    )
    assert ended != PARAMETERS

    assert [one.message for one in of("parameter.gap", lint(pack({"scheme.toml": early})))] == [
        "no value from 2023-01-01 until 2024-01-01"
    ]
    assert [
        one.message for one in of("parameter.ends", lint(pack({"parameters.toml": ended})))
    ] == ["no value from 2026-01-01 on"]
    assert not of("parameter.gap", lint(pack()))


def test_a_new_row_that_buries_later_rows_is_named_with_both() -> None:
    row = """
[[parameter.value]]
value = 0.11
valid_from = 2024-03-01
known_from = 2026-01-01
law = "Late notice"
"""
    place = PARAMETERS.index('[[parameter]]\nname = "bonus"')
    buried = PARAMETERS[:place] + row + PARAMETERS[place:]

    found = of("parameter.buried", lint(pack({"parameters.toml": buried})))

    assert [(one.position, one.message) for one in found] == [
        ("row from 2024-03-01", "known later, it buries the row from 2024-07-01"),
        ("row from 2024-03-01", "known later, it buries the row from 2025-01-01"),
    ]
    assert found[0].element == "parameter rate"
    assert found[0].model == "parameters.toml"
