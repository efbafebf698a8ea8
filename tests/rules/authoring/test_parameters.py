"""Parameter rows: added with their law, checked field by field, and nothing else moved."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.rules.authoring import (
    FaultyParameter,
    NewParameter,
    NewRow,
    with_parameter,
    with_parameter_row,
    without_parameter_row,
)
from amparo.rules.packs import load_pack_files
from tests.rules.packs.packs import PARAMETERS, files

ROW = NewRow(
    value="0.25",
    valid_from="2026-01-01",
    known_from="2025-12-01",
    law='Act, Art. 2 "as amended"',
    change="Amendment 3/2025",
)


def test_a_row_is_put_behind_the_others_and_the_rest_stays() -> None:
    commented = PARAMETERS.replace('name = "bonus"', '# the bonus\nname = "bonus"')

    changed = with_parameter_row(files({"parameters.toml": commented}), "rate", ROW)

    text = changed["parameters.toml"]
    added = text.replace("\n".join(text_of_row()), "", 1)
    assert added.split() == commented.split()
    assert text.index("0.25") < text.index("# the bonus")
    found = load_pack_files(changed).parameter("rate", date(2026, 2, 1))
    assert found is not None
    assert str(found.value) == "0.25"
    assert found.law == ROW.law


def text_of_row() -> list[str]:
    return [
        "[[parameter.value]]",
        "value = 0.25",
        "valid_from = 2026-01-01",
        "known_from = 2025-12-01",
        'law = "Act, Art. 2 \\"as amended\\""',
        'change = "Amendment 3/2025"',
    ]


def test_a_draft_takes_back_its_own_row() -> None:
    changed = with_parameter_row(files(), "rate", ROW)
    row = load_pack_files(changed).parameter("rate", date(2026, 2, 1))
    assert row is not None

    back = without_parameter_row(changed, row)

    assert load_pack_files(back).parameters == load_pack_files(files()).parameters
    with pytest.raises(FaultyParameter, match="has no such row"):
        without_parameter_row(back, row)


def test_the_last_row_of_a_parameter_stays() -> None:
    only = load_pack_files(files()).parameter("bonus", date(2026, 1, 1))
    assert only is not None

    with pytest.raises(FaultyParameter, match="has no other row"):
        without_parameter_row(files(), only)


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (replace(ROW, value="1/3"), ["value"]),
        (replace(ROW, value="NaN"), ["value"]),
        (replace(ROW, value="1e9"), ["value"]),
        (replace(ROW, note="\0"), ["note"]),
        (replace(ROW, valid_from="2026-02-30"), ["valid_from"]),
        (replace(ROW, valid_to="2025-01-01"), ["valid_to"]),
        (replace(ROW, valid_to="soon"), ["valid_to"]),
        (replace(ROW, known_from="2026-01-01T12:00"), ["known_from"]),
        (replace(ROW, law="  ", value=""), ["value", "law"]),
    ],
)
def test_every_field_that_is_wrong_is_named(row: NewRow, fields: list[str]) -> None:
    with pytest.raises(FaultyParameter) as refused:
        with_parameter_row(files(), "rate", row)

    assert [fault.part for fault in refused.value.faults] == fields


def test_two_adopted_rows_of_one_day_and_moment_are_refused() -> None:
    twice = with_parameter_row(files(), "rate", ROW)

    with pytest.raises(FaultyParameter, match="two adopted rows"):
        with_parameter_row(twice, "rate", ROW)
    kept = with_parameter_row(twice, "rate", replace(ROW, is_adopted=False, note="Not adopted."))
    assert "adopted = false" in kept["parameters.toml"]


def test_a_row_of_a_parameter_that_is_not_there_is_refused() -> None:
    with pytest.raises(FaultyParameter, match="There is no parameter nothing"):
        with_parameter_row(files(), "nothing", ROW)


def test_a_file_in_another_layout_is_not_edited_by_guess() -> None:
    inline = (
        '[[parameter]]\nname = "rate"\ntitle = { en = "a", fr = "b" }\n'
        'value = [{ value = 1, valid_from = 2024-01-01, known_from = 2024-01-01, law = "x" }]\n'
    )
    rest = PARAMETERS[PARAMETERS.index('[[parameter]]\nname = "bonus"') :]

    with pytest.raises(FaultyParameter, match="cannot be edited row by row"):
        with_parameter_row(files({"parameters.toml": inline + rest}), "rate", ROW)


NEW = NewParameter(
    name="ceiling",
    type="number",
    unit="XTS a month",
    titles=(("en", "Ceiling"), ("fr", "Plafond")),
    gaps_allowed=True,
    row=ROW,
)


def test_a_parameter_comes_with_its_first_row_and_titles() -> None:
    changed = load_pack_files(with_parameter(files(), NEW))

    found = next(known for known in changed.parameters if known.name == "ceiling")
    assert (found.unit, dict(found.titles)["fr"], found.gaps_allowed) == (
        "XTS a month",
        "Plafond",
        True,
    )
    assert [row.law for row in found.rows] == [ROW.law]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("string", 'a "b"', 'a "b"'), ("boolean", "true", True), ("date", "2024-02-29", "2024-02-29")],
)
def test_a_parameter_may_be_text_boolean_or_date(kind: str, value: str, expected: object) -> None:
    new = replace(NEW, type=kind, row=replace(ROW, value=value))

    found = load_pack_files(with_parameter(files(), new)).parameter("ceiling", date(2026, 2, 1))

    assert found is not None
    shown = str(found.value) if kind == "date" else found.value
    assert shown == expected


@pytest.mark.parametrize(
    ("new", "part"),
    [
        (replace(NEW, name="1st"), "name"),
        (replace(NEW, name="rate"), "name"),
        (replace(NEW, titles=(("en", "Ceiling"),)), "title"),
        (replace(NEW, type="list"), "value"),
        (replace(NEW, type="boolean"), "value"),
        (replace(NEW, type="date"), "value"),
    ],
)
def test_a_parameter_that_is_none_is_refused(new: NewParameter, part: str) -> None:
    with pytest.raises(FaultyParameter) as refused:
        with_parameter(files(), new)

    assert refused.value.faults[0].part == part
