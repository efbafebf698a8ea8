"""What a pack says of itself, changed in place: every line that was not meant stays."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from amparo.rules.authoring import FaultyTable, NewParameter, NewRow
from amparo.rules.authoring.caseforms import (
    case_of,
    decision_of,
    shape_of,
    shapes_of_cases,
    typed_case,
)
from amparo.rules.authoring.manifest import with_clause, with_first_day, with_law, with_question
from amparo.rules.authoring.packfiles import with_parameter
from amparo.rules.authoring.workedcases import case_texts, with_case
from amparo.rules.packs import check_loaded, load_pack_files
from amparo.rules.packs.pack import read_folder
from tests.architecture.source import PROJECT

_COUNTRIES = ("xa", "mu", "us", "uk", "ke")
FOLDERS = sorted(
    path.parent
    for country in _COUNTRIES
    for path in (PROJECT / "schemes" / country).glob("*/*/scheme.toml")
)


def lines_changed(before: str, after: str) -> set[str]:
    return set(before.splitlines()) ^ set(after.splitlines())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "-".join(folder.parts[-3:]))
def test_every_pack_says_something_else_and_the_same_again(folder: Path) -> None:
    files = read_folder(folder)
    pack = load_pack_files(files)
    manifest = pack.manifest

    later = with_first_day(files, date(2031, 2, 28))
    assert load_pack_files(later).valid_from == date(2031, 2, 28)
    assert with_first_day(later, pack.valid_from) == files

    spared = with_clause(files, when="claimed_on > contingency_on", law="Art. 9")
    clause = load_pack_files(spared).manifest.applicability
    assert clause is not None
    assert (clause.when, clause.law) == ("claimed_on > contingency_on", "Art. 9")
    if manifest.applicability is None:
        assert with_clause(spared, when="", law="") == files

    for asked in manifest.inputs:
        renamed = with_question(files, asked.name, {**asked.titles, "en": "“Quoted” \\ words"})
        assert load_pack_files(renamed).label(asked.name, language="en") == "“Quoted” \\ words"
        assert len(lines_changed(files["scheme.toml"], renamed["scheme.toml"])) <= 2
        again = with_question(renamed, asked.name, asked.titles)
        assert load_pack_files(again).manifest.inputs == manifest.inputs


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "-".join(folder.parts[-3:]))
def test_a_new_parameter_changes_no_answer_until_a_rule_names_it(folder: Path) -> None:
    files = read_folder(folder)
    before = load_pack_files(files)
    decisions = [
        one.name for model in before.library.models.values() for one in model.decisions.values()
    ]
    row = NewRow(value="7", valid_from="1900-01-01", known_from="1900-01-01", law="Art. 1")
    parameter = NewParameter(
        name="wholly_new",
        type="number",
        unit="",
        titles=(("en", "New"), ("fr", "Nouveau")),
        gaps_allowed=False,
        row=row,
    )

    after = load_pack_files(with_parameter(files, parameter, used_by=decisions))

    for model in after.library.models.values():
        for decision in model.decisions.values():
            required = {identifier for _, identifier in decision.information}
            assert "input_wholly_new" in required
    first, second = check_loaded(before), check_loaded(after)
    assert [case.passed for case in first.cases] == [case.passed for case in second.cases]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "-".join(folder.parts[-3:]))
def test_a_case_through_its_form_is_the_same_case(folder: Path) -> None:
    pack = load_pack_files(read_folder(folder))
    texts = case_texts(pack.files)

    for identifier, has_form in shapes_of_cases(pack).items():
        if not has_form:
            continue
        text = texts[identifier]
        shape = shape_of(pack, decision_of(text))
        assert shape is not None
        typed = typed_case(text, shape)
        assert typed is not None
        again = with_case(pack.files, identifier, case_of(typed, shape, before=text))
        assert case_texts(again)[identifier] == text


def test_a_comment_stays_with_the_table_that_it_leads_over_to() -> None:
    files = read_folder(PROJECT / "schemes" / "xa" / "social-pension" / "1")
    text = files["scheme.toml"].replace("[[input]]", "# What is asked.\n[[input]]", 1)

    spared = with_clause({**files, "scheme.toml": text}, when="true", law="Art. 9")

    assert "# What is asked.\n[[input]]" in spared["scheme.toml"]
    assert spared["scheme.toml"].index("[applicability]") < spared["scheme.toml"].index("# What")


def test_what_cannot_be_meant_is_refused_with_its_part() -> None:
    files = read_folder(PROJECT / "schemes" / "xa" / "social-pension" / "1")

    changes: tuple[tuple[str, Callable[[], dict[str, str]]], ...] = (
        ("law", lambda: with_clause(files, when="true", law="")),
        ("when", lambda: with_clause(files, when="", law="Art. 1")),
        ("when", lambda: with_clause(files, when="wealth > 1", law="Art. 1")),
        ("name", lambda: with_question(files, "wealth", {"en": "a", "fr": "b"})),
        ("fr", lambda: with_question(files, "resident", {"en": "a", "fr": " "})),
        ("text", lambda: with_law(files, " \n ")),
    )
    for part, change in changes:
        with pytest.raises(FaultyTable) as refused:
            change()
        assert [fault.part for fault in refused.value.faults] == [part]
