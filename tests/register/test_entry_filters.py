"""Entry filters: one text each, asked of every record by whichever way it comes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.journal.models import Event
from amparo.register import operations
from amparo.register.entry import EntryRefused, FileFilters, NoEntryFilters, person_findings
from amparo.register.operations import load_persons
from amparo.register.records import NewIdentifier, NewPerson, NewResidence, PersonRow
from amparo.rules.packs import load_pack
from amparo.values import Access
from amparo.values.rows import RowsRefused
from tests.cast import NOW, appoint
from tests.register.people import AT

FOLDER = settings.SCHEMES_DIR / "xa" / "entry-filters" / "1"
AMINA = NewPerson(
    given_names="Amina",
    family_name="Okoro",
    sex="female",
    birth_date=date(1963, 2, 28),
    identifiers=(NewIdentifier(value="1234567897"),),
    residence=NewResidence(country="XA", district="Lakeside"),
)
PLAIN = PersonRow(
    row=2,
    person_ref="r2",
    given_names="Amina",
    family_name="Okoro",
    sex="female",
    birth_date=date(1963, 2, 28),
    birth_precision="day",
    national_id="",
    district="Lakeside",
    address="",
    payment_kind="",
    payment_provider="",
    payment_account="",
    household_ref="",
    household_role="member",
    parent_refs=(),
)


@pytest.fixture
def asked(settings: Any) -> None:
    """Let the installation name its entry filters, as it does outside tests."""
    settings.ENTRY_FILTERS = "xa/entry-filters"


@pytest.fixture
def in_force(db: None, asked: None) -> None:
    """Bring the filters of Amparia into force: Pia proposes, Omar approves."""
    cast = appoint()
    activate_scheme_folder(
        path=FOLDER,
        applies_from=date(2000, 1, 1),
        proposer=cast.access("pia"),
        approver=cast.access("omar"),
        at=NOW,
    )


def found(person: NewPerson) -> list[tuple[str, str]]:
    return [(finding.rule, finding.level) for finding in person_findings(person=person, at=AT)]


@pytest.mark.usefixtures("in_force")
def test_a_sound_record_is_asked_and_passes(bruno: Access) -> None:
    assert found(AMINA) == []
    operations.register_person(person=AMINA, access=bruno, at=AT)


@pytest.mark.usefixtures("in_force")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"given_names": "UNKNOWN "}, [("name_is_a_name", "block")]),
        ({"family_name": "Test"}, [("name_is_a_name", "block")]),
        ({"birth_date": date(1911, 11, 20)}, []),
        ({"birth_date": date(1911, 11, 19)}, [("age_is_plausible", "warn")]),
        ({"birth_date": date(1960, 1, 1)}, []),
        ({"birth_date": None}, [("birth_is_known", "warn")]),
        ({"identifiers": ()}, [("identifier_is_given", "warn")]),
        ({"identifiers": (), "birth_date": date(2024, 2, 29)}, []),
        (
            {"residence": None, "sex": "unknown"},
            [("sex_is_known", "warn"), ("home_is_known", "warn")],
        ),
    ],
)
def test_each_filter_finds_what_it_is_for(
    changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(replace(AMINA, **changed)) == expected


@pytest.mark.usefixtures("in_force")
def test_what_blocks_is_refused_in_the_readers_words_and_what_warns_is_journaled(
    bruno: Access,
) -> None:
    with translation.override("fr"), pytest.raises(EntryRefused, match="mot de remplissage"):
        operations.register_person(person=replace(AMINA, given_names="xxx"), access=bruno, at=AT)

    operations.register_person(person=replace(AMINA, sex="unknown"), access=bruno, at=AT)

    written = Event.objects.filter(kind="register.person_registered")
    assert [event.details["warned"] for event in written] == [["sex_is_known"]]


@pytest.mark.usefixtures("in_force")
def test_a_file_is_refused_by_row_and_field_and_counts_its_warnings(bruno: Access) -> None:
    rows = [replace(PLAIN, row=n, person_ref=f"r{n}", birth_date=date(2020, 1, n)) for n in (2, 3)]
    filler = replace(PLAIN, row=4, person_ref="r4", given_names="Unknown")

    with pytest.raises(RowsRefused) as refused:
        load_persons(rows=[*rows, filler], received_file_id=uuid4(), access=bruno, at=AT)
    loaded = load_persons(
        rows=[*rows, replace(PLAIN, row=4, person_ref="r4", district="")],
        received_file_id=uuid4(),
        access=bruno,
        at=AT,
    )

    assert [(fault.row, fault.column) for fault in refused.value.errors] == [(4, "given_names")]
    assert loaded.count == 3
    assert dict(loaded.warnings) == {"A home is given": 1, "An adult has an identifier": 1}


@pytest.mark.django_db
@pytest.mark.usefixtures("asked")
def test_without_filters_in_force_nobody_is_registered(bruno: Access) -> None:
    with pytest.raises(NoEntryFilters, match="not in force"):
        operations.register_person(person=AMINA, access=bruno, at=AT)
    with pytest.raises(RowsRefused):
        load_persons(rows=[PLAIN], received_file_id=uuid4(), access=bruno, at=AT)


def test_no_answer_never_passes() -> None:
    pack = load_pack(FOLDER)
    unknown = {"given_names": None, "family_name": "okoro"}

    result = pack.evaluate("name_is_a_name", unknown, on=AT.date(), trace=False)

    assert result.value is None


words = st.sampled_from(["amina", "unknown", "", "សុខ", "xxx"])


@pytest.mark.usefixtures("in_force")
def test_a_file_and_a_page_are_told_the_same() -> None:
    @hypothesis_settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                words,
                words,
                st.sampled_from(["female", "unknown"]),
                st.none() | st.dates(date(1890, 1, 1), date(2027, 12, 31)),
                st.sampled_from(["", "1234567897"]),
                st.sampled_from(["", "Kora"]),
            ),
            min_size=1,
            max_size=20,
        )
    )
    def same(people: list[tuple[str, str, str, date | None, str, str]]) -> None:
        rows = [
            replace(
                PLAIN,
                row=n,
                given_names=given_names,
                family_name=family_name,
                sex=sex,
                birth_date=born,
                national_id=number,
                district=district,
            )
            for n, (given_names, family_name, sex, born, number, district) in enumerate(people)
        ]
        filters = FileFilters(at=AT)
        assert list(filters.passing(iter(rows))) == rows
        online = [
            (row.row, one) for row in rows for one in person_findings(person=as_typed(row), at=AT)
        ]
        blocked = {(row, one.rule) for row, one in filters.blocked}
        assert blocked == {(row, one.rule) for row, one in online if one.level == "block"}
        warned = [one.rule for _row, one in online if one.level == "warn"]
        assert filters.warned == {rule: warned.count(rule) for rule in warned}

    same()


def as_typed(row: PersonRow) -> NewPerson:
    return NewPerson(
        given_names=row.given_names,
        family_name=row.family_name,
        sex=row.sex,
        birth_date=row.birth_date,
        identifiers=(NewIdentifier(value=row.national_id),) if row.national_id else (),
        residence=NewResidence(country="XA", district=row.district) if row.district else None,
    )


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield
