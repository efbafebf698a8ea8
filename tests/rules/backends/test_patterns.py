"""Patterns in columns: those on which every engine agrees, and no other."""

import pytest

from tests.rules.backends.small import pack_of, plan_of, values_of


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2024-02-29", True),
        ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2024-02-29\n", False),
        ("a|b", "xb", True),
    ],
)
def test_a_dollar_is_the_end_of_the_text_and_no_line_feed_before_it(
    pattern: str, text: str, *, found: bool
) -> None:
    plan = plan_of(pack_of(f'matches(s, "{pattern}")'))

    assert plan.refusals == ()
    assert values_of(plan, [{"s": text}]) == [found]


@pytest.mark.parametrize(
    "pattern",
    ["[z-a]", "{2}", "a{2}{3}", "(a", "a)", "((a{99}){99})", "(((a{20}){20}){20})"],
)
def test_what_another_engine_may_refuse_stays_with_the_interpreter(pattern: str) -> None:
    plan = plan_of(pack_of(f'matches(s, "{pattern}")'))

    assert [refusal.decision for refusal in plan.refusals] == ["result"]
    assert "pattern" in plan.refusals[0].reason.lower()
