"""What differs between two packs, said so that a reader of the law can follow."""

import pytest

from amparo.rules.packs import UnusablePack, load_pack_files
from amparo.rules.packs.cases import read_cases
from amparo.rules.packs.check import check_case
from amparo.rules.packs.diff import diff_packs, render_diff
from amparo.rules.packs.lint import lint
from amparo.rules.packs.skeleton import skeleton
from tests.rules.dmn.models import decision, literal, table
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


BOXES = {
    "entry a": f"<context><contextEntry><variable name='a'/>{literal('1')}</contextEntry>"
    "</context>",
    "result": f"<context><contextEntry>{literal('1')}</contextEntry></context>",
    "item 1": f"<list>{literal('1')}</list>",
    "row 1, a": f"<relation><column name='a'/><row>{literal('1')}</row></relation>",
    "then": f"<conditional><if>{literal('true')}</if><then>{literal('1')}</then>"
    f"<else>{literal('3')}</else></conditional>",
    "gives": f"<for iteratorVariable='x'><in>{literal('[3]')}</in>"
    f"<return>{literal('1')}</return></for>",
    "where": f"<filter><in>{literal('[3]')}</in><match>{literal('1')}</match></filter>",
    "value": f"<invocation>{literal('abs')}<binding><parameter name='value'/>{literal('1')}"
    "</binding></invocation>",
    "body": f"<functionDefinition>{literal('1')}</functionDefinition>",
}


@pytest.mark.parametrize("place", BOXES)
def test_a_text_in_a_box_is_named_by_its_way_from_the_outside(place: str) -> None:
    before = model(extra=decision("boxed", BOXES[place]))
    after = model(extra=decision("boxed", BOXES[place].replace(">1<", ">2<")))

    found = diff_packs(pack({"test.dmn": before}), pack({"test.dmn": after})).changes

    assert [(one.element, one.place, one.before, one.after) for one in found] == [
        ("boxed", place, "1", "2")
    ]


def test_every_kind_of_element_is_compared() -> None:
    service = (
        "<decisionService id='s' name='s'><variable name='s'/>"
        "<outputDecision href='#amount'/></decisionService>"
    )
    function = (
        "<businessKnowledgeModel id='k' name='k'><variable name='k'/><encapsulatedLogic>"
        f"{table(['1'], ['x'], [(['1'], ['1'])])}</encapsulatedLogic></businessKnowledgeModel>"
    )
    before = model(extra=service + function)
    after = before.replace("'#amount'", "'#right'").replace(
        "<text>1</text></outputEntry>", "<text>2</text></outputEntry>"
    )

    found = diff_packs(pack({"test.dmn": before}), pack({"test.dmn": after})).changes
    added = diff_packs(pack(), pack({"test.dmn": before}))

    assert [(one.subject, one.element, one.place) for one in found] == [
        ("service", "s", "outputs"),
        ("cell", "k", "rule r1, x"),
    ]
    assert {one.subject for one in added.changes} == {"service", "knowledge model"}
    assert "  + " in render_diff(added)
    assert "  - " in render_diff(diff_packs(pack({"test.dmn": before}), pack()))


def test_a_skeleton_loads_passes_its_cases_and_lints_clean() -> None:
    files = skeleton("xa/orphan-grant")
    found = load_pack_files(files)

    cases = [one for text in (files["cases/worked.jsonl"],) for one in read_cases(text, where="")]

    assert found.scheme == "xa/orphan-grant"
    assert all(check_case(found, case).passed for case in cases)
    assert lint(found) == ()
    with pytest.raises(UnusablePack, match="is no name of a pack"):
        skeleton("../etc")
