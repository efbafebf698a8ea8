"""The lists that others keep: whole, dated, replaceable, and asked before a fact names a code."""

from datetime import date
from uuid import UUID

import pytest

from amparo.register import operations
from amparo.register.operations import NewCode, UnableToRegister, UnusableList
from amparo.register.queries import facts_for_decision
from amparo.register.records import NewEmployer, NewEstablishment, NewPerson, NewResidence
from amparo.register.reference import COUNTRIES, EVENTS, OCCUPATIONS, NotInTheList, entries, entry
from amparo.values import Access, NotPermitted
from tests.register.people import AT, LATER, record_of, register, since, writing

pytestmark = pytest.mark.django_db

PLACES = (
    NewCode(code="01", labels={"en": "Lakeside", "fr": "Bord-du-Lac"}),
    NewCode(code="0101", parent="01", labels={"en": "Kora"}),
    NewCode(code="02", labels={"en": "Highland"}),
)
FLOOD = NewCode(
    code="flood",
    labels={"en": "The great flood"},
    details={"first_day": "1962-06-01", "last_day": "1963-02-28"},
)


def load(
    access: Access,
    codes: tuple[NewCode, ...],
    *,
    list_code: str = "administrative-units",
    since: date | None = None,
    later: bool = False,
) -> operations.ListLoaded:
    return operations.load_reference_list(
        list_code=list_code,
        codes=codes,
        publisher="National Statistics Office, edition 2026",
        applies_from=since,
        access=access,
        at=LATER if later else AT,
    )


def places(*, on: date, later: bool = True) -> dict[str, str]:
    found = entries(list_code="administrative-units", on=on, at=LATER if later else AT)
    return {place.code: place.label("en") for place in found}


def test_a_list_is_read_with_its_labels_and_what_stands_below(bruno: Access) -> None:
    load(bruno, PLACES)

    lakeside = entry(list_code="administrative-units", code="01", on=AT.date(), at=AT)
    below = entries(list_code="administrative-units", parent="01", on=AT.date(), at=AT)

    assert lakeside is not None
    assert [lakeside.label(language) for language in ("fr", "fr-CA", "ar")] == [
        "Bord-du-Lac",
        "Bord-du-Lac",
        "Lakeside",
    ]
    assert [place.code for place in below] == ["0101"]


def test_a_new_edition_holds_from_its_day_and_the_old_one_is_remembered(bruno: Access) -> None:
    load(bruno, PLACES)
    renamed = NewCode(code="02", labels={"en": "Highland North"})
    founded = NewCode(code="03", labels={"en": "Old Port"})

    loaded = load(bruno, (PLACES[0], renamed, founded), since=date(2026, 1, 1), later=True)

    assert (loaded.added, loaded.changed, loaded.ended, loaded.total) == (1, 1, 1, 3)
    assert places(on=date(2025, 12, 31)) == {"01": "Lakeside", "0101": "Kora", "02": "Highland"}
    new = {"01": "Lakeside", "02": "Highland North", "03": "Old Port"}
    assert places(on=date(2026, 1, 1)) == new
    assert places(on=date(2026, 1, 1), later=False)["02"] == "Highland"


def test_the_same_list_again_changes_nothing(bruno: Access) -> None:
    load(bruno, PLACES)

    loaded = load(bruno, PLACES, since=date(2026, 1, 1), later=True)

    assert (loaded.added, loaded.changed, loaded.ended) == (0, 0, 0)


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ((), "empty"),
        ((PLACES[0], PLACES[0]), "twice"),
        ((PLACES[1],), "no code of the list"),
        ((NewCode(code="", labels={"en": "x"}),), "1 to 40"),
        ((NewCode(code="x" * 41, labels={"en": "x"}),), "1 to 40"),
        ((NewCode(code="x", labels={"en": ""}),), "label"),
    ],
)
def test_what_is_no_list_is_refused_whole(
    codes: tuple[NewCode, ...], told: str, bruno: Access
) -> None:
    with pytest.raises(UnusableList, match=told):
        load(bruno, codes)

    assert places(on=AT.date()) == {}


def test_dario_brings_no_list_up_to_date(dario: Access) -> None:
    with pytest.raises(NotPermitted):
        load(dario, PLACES)


def test_a_home_names_a_unit_of_the_list_once_there_is_one(bruno: Access) -> None:
    unlisted = NewResidence(country="XA", district="Kora", unit="9999")
    register(bruno, "Amina", residence=unlisted)
    load(bruno, PLACES)

    with pytest.raises(NotInTheList, match="administrative-units"):
        register(bruno, "Zuri", residence=unlisted)
    zuri = register(
        bruno, "Zuri", residence=NewResidence(country="XA", district="Kora", unit="0101")
    )

    home = record_of(zuri, bruno).residence
    assert home is not None
    assert home.unit == "0101"


def test_a_country_and_an_occupation_are_those_of_the_day(bruno: Access) -> None:
    load(bruno, (NewCode(code="XA", labels={"en": "Amparia"}),), list_code=COUNTRIES)
    load(
        bruno,
        (NewCode(code="7318", labels={"en": "Weavers"}),),
        list_code=OCCUPATIONS,
        since=date(2008, 1, 1),
    )
    amina = register(bruno, "Amina")
    kora = operations.register_employer(
        employer=NewEmployer(name="Kora Textiles", activity="1311", district="Lakeside"),
        access=bruno,
        at=AT,
    )

    with pytest.raises(NotInTheList):
        operations.state_nationality(
            writing=writing(amina, bruno), kind="citizenship", country="ZZ", during=since(None)
        )
    with pytest.raises(NotInTheList):
        operations.start_employment(
            person_id=amina,
            employer_id=kora,
            starts_on=date(2007, 12, 31),
            occupation="7318",
            access=bruno,
            at=LATER,
        )


def test_work_names_a_contract_and_a_place_of_the_employers(bruno: Access) -> None:
    amina = register(bruno, "Amina")
    kora = operations.register_employer(
        employer=NewEmployer(name="Kora Textiles", activity="1311", district="Lakeside"),
        access=bruno,
        at=AT,
    )
    operations.state_establishment(
        employer_id=kora,
        place=NewEstablishment(code="M1", name="Mill by the lake", district="Lakeside"),
        starts_on=date(2020, 1, 1),
        access=bruno,
        at=AT,
    )

    def hire(*, establishment: str = "", contract: str = "") -> UUID:
        return operations.start_employment(
            person_id=amina,
            employer_id=kora,
            starts_on=date(2020, 1, 1),
            access=bruno,
            at=LATER,
            establishment=establishment,
            contract=contract,
        )

    with pytest.raises(UnableToRegister, match="establishment"):
        hire(establishment="M2")
    with pytest.raises(UnableToRegister, match="contract"):
        hire(contract="handshake")
    hire(establishment="M1", contract="seasonal")

    [work] = record_of(amina, bruno).employments
    assert (work.contract, work.establishment) == ("seasonal", "M1")


def test_a_birth_is_dated_by_an_event_and_bounded_by_its_days(
    bruno: Access, reading_all: None
) -> None:
    load(bruno, (FLOOD,), list_code=EVENTS)

    josefa = register(bruno, "Josefa", birth_event="flood")

    values = facts_for_decision(person_id=josefa, as_of=date(2024, 7, 1), known_at=LATER).values
    assert values["date_of_birth"] is None
    assert values["earliest_date_of_birth"] == date(1962, 6, 1)
    assert values["latest_date_of_birth"] == date(1963, 2, 28)
    assert values["age"] is None
    later = facts_for_decision(person_id=josefa, as_of=date(2028, 3, 1), known_at=LATER).values
    assert later["age"] == 65


def test_the_event_of_a_birth_stands_after_the_death(bruno: Access) -> None:
    load(bruno, (FLOOD,), list_code=EVENTS)
    josefa = register(bruno, "Josefa", birth_event="flood")

    operations.record_death(person_id=josefa, death_date=date(2026, 11, 1), access=bruno, at=LATER)

    vitals = record_of(josefa, bruno).vitals
    assert vitals is not None
    assert (vitals.birth_event, vitals.birth_latest) == ("flood", date(1963, 2, 28))


def test_an_event_that_nobody_listed_dates_no_birth(bruno: Access) -> None:
    with pytest.raises(NotInTheList, match="people remember"):
        operations.register_person(
            person=NewPerson(given_names="Josefa", sex="female", birth_event="drought"),
            access=bruno,
            at=AT,
        )
