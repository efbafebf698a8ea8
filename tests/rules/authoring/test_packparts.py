"""Reasons, worked cases and version numbers: what an editor writes is read, the rest stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.rules.authoring import FaultyTable
from amparo.rules.authoring.headings import with_version
from amparo.rules.authoring.reasons import with_reason
from amparo.rules.authoring.workedcases import case_texts, with_case, without_case
from amparo.rules.packs import Pack, Reason, load_pack, load_pack_files

_SCHEMES = Path(__file__).parents[3] / "schemes"
_CASE = '{"id": "%s", "decision": "amount", "origin": "signed", "effective": "2026", "inputs": {}}'


def packs() -> Iterator[Pack]:
    for manifest in sorted(_SCHEMES.glob("*/*/*/scheme.toml")):
        yield load_pack(manifest.parent)


@pytest.fixture
def pension() -> Pack:
    return load_pack(_SCHEMES / "xa" / "social-pension" / "1")


def test_a_case_written_back_as_it_was_changes_no_letter_of_any_pack() -> None:
    count = 0
    for pack in packs():
        for identifier, text in case_texts(pack.files).items():
            assert with_case(pack.files, identifier, text) == dict(pack.files), identifier
            count += 1
    assert count > 300


def test_a_reason_written_back_as_it_was_changes_no_letter_of_any_pack() -> None:
    count = 0
    for pack in packs():
        for reason in pack.reasons:
            assert with_reason(pack.files, reason) == dict(pack.files), reason.code
            count += 1
    assert count > 50


def test_the_digits_of_a_number_stay_as_they_were_typed(pension: Pack) -> None:
    text = _CASE.replace("{}", '{"other_pension_amount": 12345678901234567890.10}') % "digits"

    files = with_case(pension.files, "", text)

    assert "12345678901234567890.10" in case_texts(files)["digits"]


def test_a_case_is_added_changed_and_removed(pension: Pack) -> None:
    added = with_case(pension.files, "", _CASE % "new")
    renamed = with_case(added, "new", _CASE % "newer")
    removed = without_case(renamed, "newer")

    assert "new" in case_texts(added)
    assert [*case_texts(renamed)][-1] == "newer"
    assert removed == dict(pension.files)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "is no JSON"),
        ("[]", "cannot be read"),
        ('{"id": "x"}', "cannot be read"),
        (_CASE % "josefa", "a case josefa already"),
        (_CASE.replace("2026", "some day") % "x", "some day"),
        (_CASE % "\u200b", "no id that can be read"),
        (_CASE.replace("{}}", '{}, "outcome": "\u200b"}') % "x", "There is no outcome"),
    ],
)
def test_what_is_no_case_is_refused(pension: Pack, text: str, fault: str) -> None:
    with pytest.raises(FaultyTable) as refused:
        with_case(pension.files, "", text)

    assert fault in refused.value.faults[0].message


def test_a_case_that_is_not_there_is_not_removed(pension: Pack) -> None:
    with pytest.raises(FaultyTable):
        without_case(pension.files, "nobody")


def test_other_words_and_another_law_leave_the_other_reasons(pension: Pack) -> None:
    texts = {"en": 'Not "66" yet.', "fr": "Pas encore\\66 ans."}

    files = with_reason(pension.files, Reason("AGE_NOT_REACHED", texts["en"], "Art. 9", texts))

    after = {one.code: one for one in load_pack_files(files).reasons}
    assert (after["AGE_NOT_REACHED"].texts, after["AGE_NOT_REACHED"].law) == (texts, "Art. 9")
    for reason in pension.reasons:
        if reason.code != "AGE_NOT_REACHED":
            assert after[reason.code] == reason


def test_a_reason_without_law_or_words_and_an_unknown_one_are_refused(pension: Pack) -> None:
    texts = {"en": "", "fr": "Mots"}

    with pytest.raises(FaultyTable) as refused:
        with_reason(pension.files, Reason("AGE_NOT_REACHED", "", " ", texts))
    assert [fault.part for fault in refused.value.faults] == ["law", "en"]
    with pytest.raises(FaultyTable):
        with_reason(pension.files, Reason("NO_SUCH", "W", "L", {"en": "W", "fr": "M"}))


def test_a_version_number_is_written_into_the_manifest_alone(pension: Pack) -> None:
    files = with_version(pension.files, "2027.1-b")

    assert load_pack_files(files).version == "2027.1-b"
    assert {name for name in files if files[name] != pension.files[name]} == {"scheme.toml"}


@pytest.mark.parametrize("version", ["", '2"', "a b", "-1", "1" * 21, "2\n[x]"])
def test_what_is_no_version_number_is_refused(pension: Pack, version: str) -> None:
    with pytest.raises(FaultyTable):
        with_version(pension.files, version)
