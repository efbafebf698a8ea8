"""What differs between two packs, said so that a reader of the law can follow."""

import pytest

from amparo.rules.packs.diff import diff_packs, render_diff
from tests.rules.packs.packs import MANIFEST, PARAMETERS, REASONS, model, pack


def changes(changed: dict[str, str]) -> list[tuple[str, str, str, str]]:
    return [
        (one.kind, one.subject, one.element, one.place)
        for one in diff_packs(pack(), pack(changed)).changes
    ]


def test_equal_packs_and_another_layout_differ_in_nothing() -> None:
    spaced = model().replace("<decision ", "\n\n  <decision ")

    assert changes({}) == []
    assert changes({"test.dmn": spaced}) == []
    assert render_diff(diff_packs(pack(), pack())).endswith("no change\n")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"test.dmn": model().replace("&lt; 60", "&lt; 62")},
            [("changed", "cell", "right", "rule r1, age")],
        ),
        (
            {"test.dmn": model().replace('<rule id="r2">', '<rule id="r9">')},
            [("removed", "rule", "right", "rule r2"), ("added", "rule", "right", "rule r9")],
        ),
        (
            {"test.dmn": model().replace('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"')},
            [("changed", "table", "right", "hit policy")],
        ),
        (
            {"test.dmn": model(amount="floor(income * rate, 0)")},
            [("changed", "expression", "amount", "")],
        ),
        (
            {"test.dmn": model(extra='<decision id="more" name="more"/>')},
            [("added", "decision", "more", "")],
        ),
        (
            {"test.dmn": model().replace("[0..130]", "[0..120]")},
            [("changed", "type", "tAge", "allowed values")],
        ),
        (
            {"parameters.toml": PARAMETERS.replace("value = 0.2\n", "value = 0.25\n")},
            [("changed", "row", "rate", "row from 2025-01-01, known 2024-12-01, value")],
        ),
        (
            {
                "parameters.toml": PARAMETERS
                + "\n[[parameter.value]]\nvalue = 6\nvalid_from = 2026-01-01\n"
                'known_from = 2025-12-01\nlaw = "Act, Art. 3"\n'
            },
            [("added", "row", "bonus", "row from 2026-01-01, known 2025-12-01")],
        ),
        (
            {"reasons.toml": REASONS.replace("is too high", "exceeds the limit")},
            [("changed", "reason", "TOO_RICH", "en")],
        ),
        (
            {"scheme.toml": MANIFEST.replace("appeal_days = 60", "appeal_days = 90")},
            [("changed", "pack", "", "process, appeal_days")],
        ),
        (
            {"scheme.toml": MANIFEST.replace('from = "register.age"', 'from = "claim.age"')},
            [("changed", "input", "age", "source")],
        ),
        ({"law.md": "# Act, amended\n"}, [("changed", "law", "law.md", "")]),
    ],
)
def test_each_difference_is_named_once(
    changed: dict[str, str], expected: list[tuple[str, str, str, str]]
) -> None:
    assert changes(changed) == expected


def test_rows_of_one_day_are_told_apart_by_their_moment_and_number() -> None:
    kept = """
[[parameter.value]]
value = 0.17
valid_from = 2024-07-01
valid_to = 2025-01-01
known_from = 2025-03-01T12:00:00Z
law = "Second draft"
adopted = false
"""
    place = PARAMETERS.index('[[parameter]]\nname = "bonus"')
    text = PARAMETERS[:place] + kept + PARAMETERS[place:]

    found = diff_packs(pack(), pack({"parameters.toml": text})).changes

    assert [(one.kind, one.place) for one in found] == [
        ("added", "row from 2024-07-01, known 2025-03-01T12:00:00+00:00, not adopted (2)")
    ]


def test_rules_in_another_order_differ_where_order_counts() -> None:
    text = model()
    first, second = (text.index(f'<rule id="r{number}">') for number in (1, 2))
    third = text.index('<rule id="r3">')
    swapped = text[:first] + text[second:third] + text[first:second] + text[third:]

    found = diff_packs(pack(), pack({"test.dmn": swapped})).changes

    assert [(one.place, one.before, one.after) for one in found] == [
        ("order of rules", "r1, r2, r3", "r2, r1, r3")
    ]


def test_the_text_groups_changes_under_their_element() -> None:
    diff = diff_packs(
        pack(), pack({"test.dmn": model(amount="income").replace("&lt; 60", "&lt; 62")})
    )

    text = render_diff(diff)

    assert "decision right\n  ~ rule r1, age: < 60 → < 62\n" in text
    assert "decision amount\n  ~ floor(income * rate, 1) → income\n" in text
    assert text.endswith("0 added, 0 removed, 2 changed\n")
