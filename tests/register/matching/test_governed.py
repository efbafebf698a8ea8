"""The model is a rule pack: approved by two people, its thresholds the data owner's."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.register import operations
from amparo.register.likeness import NoMatchModel, model_in_force, people_alike
from amparo.register.matching.model import Evidence, UnusableModel, shipped_model
from amparo.register.models import Person
from amparo.register.records import NewPerson
from amparo.rules.packs import load_pack, load_pack_files
from amparo.values import Access
from tests.cast import NOW, Cast, appoint

FOLDER = settings.SCHEMES_DIR / "xa" / "matching" / "1"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
AMINA = NewPerson(
    given_names="Amina", family_name="Kipsang", sex="female", birth_date=date(1963, 2, 28)
)
AGAIN = NewPerson(
    given_names="Ameena", family_name="Kipsang", sex="female", birth_date=date(1963, 2, 28)
)
OTHERS = Evidence(comparison="given", step="different", says="differs", weight=-5.0)
BORN = Evidence(comparison="birth", step="same", says="agrees", weight=13.0)
UNNUMBERED = Evidence(comparison="number", step="unknown", says="unknown", weight=0.0)


@pytest.fixture
def named(settings: Any) -> None:
    """Let the installation name its model, as it does outside tests."""
    settings.MATCH_MODEL = "xa/matching"


@pytest.fixture
def cast(db: None) -> Cast:
    return appoint()


def put_in_force(cast: Cast, folder: Path) -> None:
    activate_scheme_folder(
        path=folder,
        applies_from=date(2000, 1, 1),
        proposer=cast.access("pia"),
        approver=cast.access("omar"),
        at=NOW,
    )


def changed_pack(folder: Path, **texts: tuple[str, str]) -> Path:
    """Write the pack once more, as version 2, with pieces of its files replaced."""
    files = dict(load_pack(FOLDER).files)
    files["scheme.toml"] = files["scheme.toml"].replace('version = "1"', 'version = "2"')
    for name, (old, new) in texts.items():
        path = {"parameters": "parameters.toml", "model": "match-model.jsonl"}[name]
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.usefixtures("named")
def test_with_a_model_named_and_none_in_force_nobody_is_registered(
    cast: Cast, bruno: Access
) -> None:
    with pytest.raises(NoMatchModel, match="xa/matching"):
        operations.register_person(person=AMINA, access=bruno, at=AT)

    assert Person.objects.count() == 0


@pytest.mark.usefixtures("named")
def test_the_approved_model_weighs_with_the_thresholds_of_the_pack(
    cast: Cast, bruno: Access
) -> None:
    put_in_force(cast, FOLDER)
    operations.register_person(person=AMINA, access=bruno, at=AT)

    found = people_alike(person=AGAIN, access=bruno, at=AT)

    assert found.checked.model_hash == shipped_model().content_hash
    assert found.checked.verdict != "new"


@pytest.mark.usefixtures("named")
def test_who_owns_the_data_moves_a_threshold_by_a_version_of_the_pack(
    cast: Cast, bruno: Access, tmp_path: Path
) -> None:
    strict = changed_pack(tmp_path, parameters=("value = 0.5", "value = 0.9899999"))
    put_in_force(cast, strict)

    model = model_in_force(at=AT)

    assert (model.thresholds.review, model.thresholds.same) == (0.9899999, 0.99)
    assert model.content_hash != shipped_model().content_hash


@pytest.mark.usefixtures("named")
def test_a_model_for_other_comparisons_is_refused_and_not_guessed(
    cast: Cast, bruno: Access, tmp_path: Path
) -> None:
    foreign = changed_pack(tmp_path, model=("given_l = given_r", "given_l < given_r"))
    put_in_force(cast, foreign)

    with pytest.raises(UnusableModel, match="other comparisons"):
        operations.register_person(person=AMINA, access=bruno, at=AT)


@given(
    probability=st.decimals(min_value=0, max_value=1, places=6)
    | st.sampled_from([Decimal("0.5"), Decimal("0.99")]),
    are_twins=st.booleans(),
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_the_rule_of_the_pack_says_what_the_check_says(
    *, probability: Decimal, are_twins: bool
) -> None:
    pack = load_pack_files(dict(load_pack(FOLDER).files))
    inputs = {"probability": probability, "may_be_twins": are_twins, "today": AT.date()}
    evidence = (OTHERS, BORN, UNNUMBERED) if are_twins else (BORN, UNNUMBERED, _agreeing())

    by_rule = pack.evaluate("verdict", inputs, on=AT.date(), known_at=AT, trace=False).value

    assert by_rule == shipped_model().thresholds.verdict(float(probability), evidence)


def _agreeing() -> Evidence:
    return Evidence(comparison="given", step="same", says="agrees", weight=6.0)


def test_the_pack_of_amparia_holds_the_model_of_this_release() -> None:
    pack = load_pack(FOLDER)

    assert pack.files["match-model.jsonl"].strip() == shipped_model().as_text()
    limits = {one.name: one.resolve(on=AT.date(), known_at=AT) for one in pack.parameters}
    assert {name: float(str(row.value)) for name, row in limits.items() if row} == {
        "looked_at_from": shipped_model().thresholds.review,
        "same_from": shipped_model().thresholds.same,
    }
