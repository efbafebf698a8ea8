"""Registering a person and an employer, and what happens to them, one intention at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from amparo.journal.models import Event
from amparo.journal.reading import reading
from amparo.office.numbering import is_written_right
from amparo.register import facts, operations, queries
from amparo.register.days import ImpossibleDay
from amparo.register.facts import FactChangedMeanwhile, NotAPeriod
from amparo.register.models import FactUse, LifeEvent, Vitals
from amparo.register.naming import NotAName
from amparo.register.records import (
    Grounds,
    NewAccount,
    NewEmployer,
    NewIdentifier,
    NewPerson,
    NewResidence,
    PersonRecord,
)
from amparo.values import Access, NotPermitted, Right

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
LATER = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

AMINA = NewPerson(
    given_names="Amina",
    family_name="Kipsang",
    sex="female",
    birth_date=date(1963, 2, 28),
    identifiers=(NewIdentifier(value="1234 5678-97"),),
    residence=NewResidence(country="XA", district="Kora"),
    account=NewAccount(kind="bank", provider="CBXAXAXA", account_number="001 234"),
)
KORA = NewEmployer(name="Kora Textiles", activity="1392", district="Kora")
GROUNDS = Grounds(
    evidence="identity-document", reference="ID 77", reason="Misspelt at the counter."
)


def seen(
    person_id: UUID, access: Access, *, on: date = TODAY, known_at: datetime = LATER
) -> PersonRecord:
    return queries.person_record(person_id=person_id, access=access, as_of=on, known_at=known_at)


@pytest.fixture
def amina(bruno: Access, at: datetime) -> UUID:
    return operations.register_person(person=AMINA, access=bruno, at=at)


@pytest.fixture
def kora(bruno: Access, at: datetime) -> UUID:
    return operations.register_employer(employer=KORA, access=bruno, at=at)


# --- registering ------------------------------------------------------------------------------


def test_a_registered_person_is_read_with_every_fact(amina: UUID, bruno: Access) -> None:
    record = seen(amina, bruno)

    assert is_written_right(number=record.number)
    assert record.name is not None
    assert record.name.full == "Amina Kipsang"
    assert record.name.times.starts_on is None
    assert record.vitals is not None
    assert record.vitals.birth_date == date(1963, 2, 28)
    assert [identifier.value for identifier in record.identifiers] == ["1234567897"]
    assert record.residence is not None
    assert record.residence.district == "Kora"
    assert record.account is not None
    assert record.account.account_number == "001234"
    assert record.household is None
    assert record.kin == ()


def test_a_person_without_papers_birth_date_or_second_name_is_an_ordinary_person(
    bruno: Access, at: datetime
) -> None:
    person_id = operations.register_person(
        person=NewPerson(given_names="Sokarno", sex="unknown"), access=bruno, at=at
    )

    record = seen(person_id, bruno)

    assert record.name is not None
    assert record.name.full == "Sokarno"
    assert record.vitals is not None
    assert record.vitals.birth_date is None
    assert record.identifiers == ()


@pytest.mark.parametrize(
    "name", ["فاطمة الزهراء", "ዳዊት ኃይሌ", "សុខា ចាន់", "Зарина Каримова", "Núñez O'Neill"]
)
def test_a_name_in_any_script_is_kept_and_found(name: str, bruno: Access, at: datetime) -> None:
    given, _blank, family = name.partition(" ")
    person_id = operations.register_person(
        person=NewPerson(given_names=given, family_name=family, sex="female"), access=bruno, at=at
    )

    found = queries.find_persons(text=f"{family} {given}", access=bruno)

    assert [(row.person_id, row.name) for row in found.rows] == [(person_id, name)]


def test_a_child_is_registered_into_the_household_with_both_parents(
    amina: UUID, bruno: Access, at: datetime
) -> None:
    father = operations.register_person(
        person=replace(AMINA, given_names="Juma", sex="male", identifiers=()), access=bruno, at=at
    )
    household = operations.open_household(access=bruno, at=at)
    child = operations.register_person(
        person=NewPerson(
            given_names="Zuri",
            family_name="Kipsang",
            sex="female",
            birth_date=date(2024, 2, 29),
            parent_ids=(amina, father),
            household_id=household,
        ),
        access=bruno,
        at=at,
    )

    record = seen(child, bruno)

    assert sorted((relative.kind, relative.name) for relative in record.kin) == [
        ("parent", "Amina Kipsang"),
        ("parent", "Juma Kipsang"),
    ]
    assert record.household is not None
    assert [member.person_id for member in record.household.members] == [child]
    assert [relative.kind for relative in seen(amina, bruno).kin] == ["child"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"given_names": "", "family_name": " \u200b"}, "needs a name"),
        ({"birth_date": date(2026, 11, 21)}, "future"),
        ({"birth_date": date(1963, 2, 28), "birth_precision": "month"}, "first of the month"),
        ({"birth_date": date(1963, 2, 1), "birth_precision": "year"}, "first of January"),
    ],
)
def test_what_cannot_be_true_is_not_registered(
    changes: dict[str, Any], words: str, bruno: Access, at: datetime
) -> None:
    with pytest.raises(operations.UnableToRegister, match=words):
        operations.register_person(person=replace(AMINA, **changes), access=bruno, at=at)


def test_a_name_with_control_characters_is_refused(bruno: Access, at: datetime) -> None:
    with pytest.raises(NotAName):
        operations.register_person(
            person=NewPerson(given_names="Ami\x07na", sex="female"), access=bruno, at=at
        )


def test_an_identifier_belongs_to_one_person(amina: UUID, bruno: Access, at: datetime) -> None:
    with pytest.raises(operations.IdentifierBelongsToSomebody, match="look who bears it"):
        operations.register_person(person=replace(AMINA, given_names="Halima"), access=bruno, at=at)


def test_nothing_is_done_without_the_right(amina: UUID, dario: Access, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        operations.register_person(person=AMINA, access=dario, at=at)
    with pytest.raises(NotPermitted):
        operations.register_employer(employer=KORA, access=dario, at=at)
    with pytest.raises(NotPermitted):
        operations.record_death(person_id=amina, death_date=TODAY, access=dario, at=at)
    with pytest.raises(NotPermitted):
        operations.open_household(access=dario, at=at)
    with pytest.raises(NotPermitted):
        queries.find_persons(text="Amina", access=dario)
    with pytest.raises(NotPermitted):
        queries.find_employers(text="Kora", access=dario)
    with pytest.raises(NotPermitted):
        queries.fact_history(person_id=amina, access=dario)


def test_every_act_leaves_an_event_without_personal_values(amina: UUID, bruno: Access) -> None:
    operations.record_death(person_id=amina, death_date=TODAY, access=bruno, at=LATER)

    events = Event.objects.filter(subject_id=amina)

    assert {event.kind for event in events} == {
        "register.person_registered",
        "register.death_recorded",
        "read",
    }
    assert not [event for event in events if "Amina" in str(event.details)]


# --- what changes in the world, and what was wrong ---------------------------------------------


def test_a_move_keeps_the_old_home_for_the_days_before(amina: UUID, bruno: Access) -> None:
    operations.move(
        person_id=amina,
        residence=NewResidence(country="XA", district="Lakeside"),
        starts_on=date(2026, 11, 22),
        access=bruno,
        at=LATER,
    )

    before = seen(amina, bruno, on=date(2026, 11, 21)).residence
    after = seen(amina, bruno, on=date(2026, 11, 22)).residence

    assert before is not None
    assert after is not None
    assert (before.district, before.times.ends_before) == ("Kora", date(2026, 11, 22))
    assert (after.district, after.times.starts_on) == ("Lakeside", date(2026, 11, 22))


def test_a_move_told_late_does_not_change_what_was_known_before(
    amina: UUID, bruno: Access, at: datetime
) -> None:
    operations.move(
        person_id=amina,
        residence=NewResidence(country="XA", district="Lakeside"),
        starts_on=date(2026, 1, 1),
        access=bruno,
        at=LATER,
    )

    known_then = seen(amina, bruno, known_at=at).residence
    known_now = seen(amina, bruno, known_at=LATER).residence

    assert known_then is not None
    assert known_now is not None
    assert (known_then.district, known_now.district) == ("Kora", "Lakeside")


def test_a_new_account_and_another_payee_hold_from_their_day(amina: UUID, bruno: Access) -> None:
    account = NewAccount(kind="wallet", provider="MOXAXAXA", account_number="299 700")
    operations.set_payment_account(
        person_id=amina, account=account, starts_on=TODAY, access=bruno, at=LATER
    )
    son = operations.register_person(
        person=NewPerson(given_names="Juma", sex="male"), access=bruno, at=LATER
    )
    operations.set_payee(
        person_id=amina,
        representative_id=son,
        starts_on=TODAY,
        ends_before=None,
        access=bruno,
        at=LATER,
    )

    record = seen(amina, bruno)
    history = queries.fact_history(person_id=son, access=bruno)

    assert record.account is not None
    assert (record.account.kind, record.account.account_number) == ("wallet", "299700")
    assert [line.values["kind"] for line in history if line.kind == "payee"] == ["payee"]
    with pytest.raises(operations.UnableToRegister, match="without a payee"):
        operations.set_payee(
            person_id=amina,
            representative_id=amina,
            starts_on=TODAY,
            ends_before=None,
            access=bruno,
            at=LATER,
        )


def test_a_married_name_holds_from_the_day_and_both_are_found(amina: UUID, bruno: Access) -> None:
    operations.change_name(
        person_id=amina,
        given_names="Amina",
        family_name="Wekesa",
        starts_on=TODAY,
        access=bruno,
        at=LATER,
    )

    before = seen(amina, bruno, on=date(2026, 11, 19)).name
    after = seen(amina, bruno).name

    assert before is not None
    assert after is not None
    assert (before.full, after.full) == ("Amina Kipsang", "Amina Wekesa")
    for name in ("Amina Kipsang", "Amina Wekesa"):
        found = queries.find_persons(text=name, access=bruno)
        assert [(row.person_id, row.name) for row in found.rows] == [(amina, "Amina Wekesa")]


def test_a_corrected_name_was_never_true_but_was_known(
    amina: UUID, bruno: Access, at: datetime
) -> None:
    name = seen(amina, bruno).name
    assert name is not None

    operations.correct_name(
        person_id=amina,
        fact_id=name.times.fact_id,
        given_names="Aminah",
        family_name="Kipsang",
        grounds=GROUNDS,
        access=bruno,
        at=LATER,
    )

    known_then = seen(amina, bruno, known_at=at).name
    long_ago = seen(amina, bruno, on=date(1970, 1, 1)).name
    assert known_then is not None
    assert long_ago is not None
    assert (known_then.full, long_ago.full) == ("Amina Kipsang", "Aminah Kipsang")
    names = [
        line for line in queries.fact_history(person_id=amina, access=bruno) if line.kind == "name"
    ]
    assert [(line.values["given_names"], line.times.superseded_at) for line in names] == [
        ("Aminah", None),
        ("Amina", LATER),
    ]


def test_of_two_officers_who_correct_the_same_fact_the_second_is_told(
    amina: UUID, bruno: Access
) -> None:
    name = seen(amina, bruno).name
    assert name is not None

    def correct(given_names: str) -> UUID:
        return operations.correct_name(
            person_id=amina,
            fact_id=name.times.fact_id,
            given_names=given_names,
            family_name="Kipsang",
            grounds=GROUNDS,
            access=bruno,
            at=LATER,
        )

    correct("Aminah")

    with pytest.raises(FactChangedMeanwhile, match="Read it again"):
        correct("Aminata")


def test_a_corrected_birth_date_publishes_a_correction_and_names_its_uses(
    amina: UUID, bruno: Access
) -> None:
    vitals = seen(amina, bruno).vitals
    assert vitals is not None
    decision = uuid4()
    operations.record_fact_use(
        fact_ids=[vitals.times.fact_id], used_in="decision", used_id=decision
    )
    operations.record_fact_use(fact_ids=[], used_in="decision", used_id=decision)

    new_id = operations.correct_vitals(
        person_id=amina,
        fact_id=vitals.times.fact_id,
        sex="female",
        birth_date=date(1962, 2, 28),
        birth_precision="day",
        death_date=None,
        grounds=GROUNDS,
        access=bruno,
        at=LATER,
    )

    corrected = seen(amina, bruno).vitals
    assert corrected is not None
    assert corrected.birth_date == date(1962, 2, 28)
    use = FactUse.objects.get(fact_id=vitals.times.fact_id)
    assert (use.used_in, use.used_id) == ("decision", decision)
    with reading(access=bruno, right=Right.PERSON_READ):
        kinds = list(LifeEvent.objects.filter(fact_id=new_id).values_list("kind", flat=True))
    assert kinds == ["correction"]


def test_no_correction_reaches_a_fact_of_somebody_else(
    amina: UUID, bruno: Access, at: datetime
) -> None:
    zuri = operations.register_person(
        person=NewPerson(given_names="Zuri", sex="female"), access=bruno, at=at
    )
    theirs = seen(zuri, bruno)
    assert theirs.vitals is not None

    with pytest.raises(operations.NobodyThere, match="no such fact"):
        correct_vitals_of(amina, theirs.vitals.times.fact_id, bruno)

    with reading(access=bruno, right=Right.PERSON_READ), pytest.raises(FactChangedMeanwhile):
        facts.supersede(
            model=Vitals,
            of={"person_id": amina},
            fact_ids=[theirs.vitals.times.fact_id],
            at=LATER,
        )
    assert seen(zuri, bruno).vitals == theirs.vitals


def test_vitals_of_which_nothing_is_known_are_written_down(amina: UUID, bruno: Access) -> None:
    with reading(access=bruno, right=Right.PERSON_READ):
        Vitals.objects.filter(person_id=amina).update(superseded_at=LATER - timedelta(days=1))
    with pytest.raises(operations.UnableToRegister, match="birth, sex and death together"):
        operations.record_death(person_id=amina, death_date=TODAY, access=bruno, at=LATER)

    fact_id = correct_vitals_of(amina, None, bruno)

    vitals = seen(amina, bruno).vitals
    assert vitals is not None
    assert vitals.times.fact_id == fact_id
    with pytest.raises(FactChangedMeanwhile):
        correct_vitals_of(amina, None, bruno)


def correct_vitals_of(person_id: UUID, fact_id: UUID | None, access: Access) -> UUID:
    return operations.correct_vitals(
        person_id=person_id,
        fact_id=fact_id,
        sex="female",
        birth_date=date(1962, 2, 28),
        birth_precision="day",
        death_date=None,
        grounds=GROUNDS,
        access=access,
        at=LATER,
    )


def test_a_death_is_recorded_once_and_not_before_birth_or_in_the_future(
    amina: UUID, bruno: Access
) -> None:
    for impossible in (date(1963, 2, 27), date(2026, 11, 26)):
        with pytest.raises(operations.UnableToRegister):
            operations.record_death(person_id=amina, death_date=impossible, access=bruno, at=LATER)

    operations.record_death(person_id=amina, death_date=TODAY, access=bruno, at=LATER)

    vitals = seen(amina, bruno).vitals
    assert vitals is not None
    assert (vitals.death_date, vitals.birth_date) == (TODAY, date(1963, 2, 28))
    with pytest.raises(operations.UnableToRegister, match="already recorded"):
        operations.record_death(person_id=amina, death_date=TODAY, access=bruno, at=LATER)


def test_why_a_fact_was_corrected_stands_beside_it_in_the_history(
    amina: UUID, bruno: Access
) -> None:
    name = seen(amina, bruno).name
    assert name is not None

    new_id = operations.correct_name(
        person_id=amina,
        fact_id=name.times.fact_id,
        given_names="Aminah",
        family_name="Kipsang",
        grounds=GROUNDS,
        access=bruno,
        at=LATER,
    )

    history = queries.fact_history(person_id=amina, access=bruno)
    said = {line.times.fact_id: line.grounds for line in history if line.kind == "name"}
    assert said == {new_id: (GROUNDS,), name.times.fact_id: ()}


@pytest.mark.parametrize(
    "empty",
    [replace(GROUNDS, reason=" "), replace(GROUNDS, evidence="hearsay")],
)
def test_nothing_is_written_without_evidence_and_reason_where_they_are_asked_for(
    amina: UUID, bruno: Access, empty: Grounds
) -> None:
    with pytest.raises(operations.UnableToGround, match="on which evidence"):
        operations.record_death(
            person_id=amina, death_date=TODAY, grounds=empty, access=bruno, at=LATER
        )


def test_an_identifier_is_corrected_for_as_long_as_it_was_said_to_hold(
    amina: UUID, bruno: Access, at: datetime
) -> None:
    (wrong,) = seen(amina, bruno).identifiers

    operations.correct_identifier(
        person_id=amina,
        fact_id=wrong.times.fact_id,
        identifier=NewIdentifier(value="1234 5678 05"),
        grounds=GROUNDS,
        access=bruno,
        at=LATER,
    )

    (corrected,) = seen(amina, bruno).identifiers
    (before,) = seen(amina, bruno, known_at=at).identifiers
    assert (corrected.value, before.value) == ("1234567805", "1234567897")
    assert corrected.times.starts_on == wrong.times.starts_on


def test_an_identifier_of_somebody_else_is_withdrawn_and_free_again(
    amina: UUID, bruno: Access
) -> None:
    (wrong,) = seen(amina, bruno).identifiers
    withdraw = {"person_id": amina, "fact_id": wrong.times.fact_id, "identifier": None}

    operations.correct_identifier(grounds=GROUNDS, access=bruno, at=LATER, **withdraw)  # type: ignore[arg-type]
    other = operations.register_person(
        person=replace(AMINA, given_names="Aminata", account=None), access=bruno, at=LATER
    )

    assert seen(amina, bruno).identifiers == ()
    assert [one.value for one in seen(other, bruno).identifiers] == ["1234567897"]
    with pytest.raises(FactChangedMeanwhile):
        operations.correct_identifier(grounds=GROUNDS, access=bruno, at=LATER, **withdraw)  # type: ignore[arg-type]
    with pytest.raises(operations.NobodyThere, match="no such identifier"):
        operations.correct_identifier(
            grounds=GROUNDS,
            access=bruno,
            at=LATER,
            **(withdraw | {"person_id": other}),  # type: ignore[arg-type]
        )


def test_a_payee_is_seen_from_both_sides_until_they_end(amina: UUID, bruno: Access) -> None:
    niece = operations.register_person(
        person=NewPerson(given_names="Nadia", sex="female"), access=bruno, at=LATER
    )
    operations.set_payee(
        person_id=amina,
        representative_id=niece,
        starts_on=date(2026, 1, 1),
        ends_before=None,
        access=bruno,
        at=LATER,
    )

    named, receiving = seen(amina, bruno).payee, seen(niece, bruno).receives_for
    operations.end_payee(
        person_id=amina,
        ends_before=date(2026, 6, 1),
        access=bruno,
        at=LATER + timedelta(hours=1),
    )

    assert named is not None
    assert (named.person_id, named.name) == (niece, "Nadia")
    assert [one.person_id for one in receiving] == [amina]
    afterwards = LATER + timedelta(hours=2)
    assert seen(amina, bruno, known_at=afterwards).payee is None
    in_may = seen(amina, bruno, on=date(2026, 5, 31), known_at=afterwards).payee
    assert in_may is not None
    with pytest.raises(operations.NobodyThere, match="Nobody receives"):
        operations.end_payee(
            person_id=amina, ends_before=date(2026, 6, 1), access=bruno, at=afterwards
        )


def test_an_employment_written_down_by_mistake_ends_on_the_day_it_began(
    amina: UUID, kora: UUID, bruno: Access
) -> None:
    keys = {"person_id": amina, "employer_id": kora, "access": bruno}
    operations.start_employment(starts_on=date(2026, 2, 28), at=LATER, **keys)  # type: ignore[arg-type]

    operations.end_employment(ends_before=date(2026, 2, 28), at=LATER, **keys)  # type: ignore[arg-type]

    assert seen(amina, bruno).employments == ()


def test_a_second_identifier_is_added_and_resolves_to_the_person(
    amina: UUID, bruno: Access
) -> None:
    operations.add_identifier(
        person_id=amina,
        identifier=NewIdentifier(value="ref-77", kind="refugee", issuer="UNHCR"),
        access=bruno,
        at=LATER,
    )

    number = seen(amina, bruno).number
    with reading(access=bruno, right=Right.PERSON_READ):
        found = queries.persons_by_identifier(values=["REF 77", "1234567897", number, "nobody", ""])

    assert found == {"REF 77": amina, "1234567897": amina, number: amina}


def test_a_number_of_two_issuers_that_two_persons_bear_names_nobody(
    amina: UUID, bruno: Access
) -> None:
    other = replace(
        AMINA, identifiers=(NewIdentifier(value="1234567897", kind="passport", issuer="YY"),)
    )
    operations.register_person(person=other, access=bruno, at=LATER)

    with reading(access=bruno, right=Right.PERSON_READ):
        assert queries.persons_by_identifier(values=["1234567897"]) == {}


def test_nobody_is_changed_who_is_not_there(bruno: Access, at: datetime) -> None:
    with pytest.raises(operations.NobodyThere, match="Search for the person again"):
        operations.record_death(person_id=uuid4(), death_date=TODAY, access=bruno, at=at)
    with pytest.raises(queries.NoSuchPerson):
        seen(uuid4(), bruno)
    with pytest.raises(queries.NoSuchEmployer):
        queries.employer_record(employer_id=uuid4(), access=bruno, as_of=TODAY, known_at=at)


# --- employers and work -----------------------------------------------------------------------


def test_an_employer_is_found_by_a_misspelt_name_and_by_number(kora: UUID, bruno: Access) -> None:
    record = queries.employer_record(employer_id=kora, access=bruno, as_of=TODAY, known_at=LATER)

    for text in ("cora textils", record.number, record.number.replace("-", ""), ""):
        found = queries.find_employers(text=text, access=bruno)
        assert [row.employer_id for row in found.rows] == [kora]
    assert queries.employers_by_number(values=[record.number, "E-0"]) == {record.number: kora}
    assert queries.find_employers(text="bakery", access=bruno).total == 0


def test_an_employer_number_is_taken_once_whatever_its_dashes(bruno: Access, at: datetime) -> None:
    operations.register_employer(employer=replace(KORA, number="10-001"), access=bruno, at=at)

    with pytest.raises(operations.EmployerNumberTaken, match="Search for the number"):
        operations.register_employer(employer=replace(KORA, number="10001"), access=bruno, at=at)


def test_an_employer_is_renamed_from_a_day(kora: UUID, bruno: Access) -> None:
    operations.correct_employer(
        employer_id=kora,
        profile=replace(KORA, name="Kora Mills"),
        starts_on=TODAY,
        access=bruno,
        at=LATER,
    )

    names = [
        queries.employer_record(employer_id=kora, access=bruno, as_of=day, known_at=LATER).name
        for day in (TODAY - timedelta(days=1), TODAY)
    ]

    assert names == ["Kora Textiles", "Kora Mills"]


def test_an_employment_starts_and_ends_and_shows_on_both_sides(
    amina: UUID, kora: UUID, bruno: Access, at: datetime
) -> None:
    operations.start_employment(
        person_id=amina,
        employer_id=kora,
        starts_on=date(2020, 3, 1),
        occupation="7531",
        access=bruno,
        at=at,
    )
    operations.end_employment(
        person_id=amina, employer_id=kora, ends_before=date(2026, 10, 1), access=bruno, at=LATER
    )

    (work,) = seen(amina, bruno).employments
    assert (work.employer_name, work.occupation) == ("Kora Textiles", "7531")
    assert (work.times.starts_on, work.times.ends_before) == (date(2020, 3, 1), date(2026, 10, 1))
    counts = [
        queries.employments_of_employer(
            employer_id=kora, access=bruno, as_of=day, known_at=LATER
        ).total
        for day in (date(2026, 9, 30), date(2026, 10, 1))
    ]
    assert counts == [1, 0]


def test_two_employments_with_one_employer_cannot_overlap(
    amina: UUID, kora: UUID, bruno: Access, at: datetime
) -> None:
    def start(day: date) -> UUID:
        return operations.start_employment(
            person_id=amina, employer_id=kora, starts_on=day, access=bruno, at=at
        )

    start(date(2020, 3, 1))

    with pytest.raises(operations.AlreadyEmployedThere, match="End that one first"):
        start(date(2024, 1, 1))


def test_work_that_is_not_known_cannot_end(
    amina: UUID, kora: UUID, bruno: Access, at: datetime
) -> None:
    with pytest.raises(operations.NotEmployedThere, match="Check the date"):
        operations.end_employment(
            person_id=amina, employer_id=kora, ends_before=TODAY, access=bruno, at=at
        )


def test_a_period_does_not_end_before_it_starts(amina: UUID, bruno: Access) -> None:
    with pytest.raises(NotAPeriod):
        operations.set_payee(
            person_id=amina,
            representative_id=uuid4(),
            starts_on=TODAY,
            ends_before=TODAY,
            access=bruno,
            at=LATER,
        )


# --- what cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "starts_on", [date.min, date(1963, 2, 27), date(2029, 1, 1), date(9999, 12, 31)]
)
def test_nothing_about_a_person_begins_before_their_birth_or_far_ahead(
    amina: UUID, kora: UUID, bruno: Access, starts_on: date
) -> None:
    def name() -> UUID:
        return operations.change_name(given_names="Amina", family_name="Otieno", **said)

    def home() -> UUID:
        return operations.move(residence=NewResidence(country="XA", district="Old Port"), **said)

    def account() -> UUID:
        new = NewAccount(kind="bank", provider="CBXAXAXA", account_number="77")
        return operations.set_payment_account(account=new, **said)

    def payee() -> UUID:
        return operations.set_payee(representative_id=uuid4(), ends_before=None, **said)

    def work() -> UUID:
        return operations.start_employment(employer_id=kora, **said)

    said: dict[str, Any] = {
        "person_id": amina,
        "starts_on": starts_on,
        "access": bruno,
        "at": LATER,
    }
    before = seen(amina, bruno)

    for act in (name, home, account, payee, work):
        with pytest.raises(ImpossibleDay):
            act()

    assert seen(amina, bruno) == before


@pytest.mark.parametrize("born", [date.min, date(1850, 1, 1)])
def test_nobody_was_born_before_the_first_day_the_register_knows(
    bruno: Access, at: datetime, born: date
) -> None:
    with pytest.raises(ImpossibleDay, match="1875-01-01"):
        operations.register_person(
            person=NewPerson(given_names="Zuri", sex="female", birth_date=born),
            access=bruno,
            at=at,
        )


@pytest.mark.parametrize("name", ["\u200d", "....", "\u3164", "77", "\ufb2c" * 60])
def test_a_name_nobody_can_read_is_refused(amina: UUID, bruno: Access, name: str) -> None:
    known = seen(amina, bruno).name
    assert known is not None

    with pytest.raises((NotAName, operations.UnableToRegister)):
        operations.correct_name(
            person_id=amina,
            fact_id=known.times.fact_id,
            given_names=name,
            family_name="",
            grounds=GROUNDS,
            access=bruno,
            at=LATER,
        )


@pytest.mark.parametrize(
    "identifier",
    [
        NewIdentifier(value="---", kind="tax"),
        NewIdentifier(value="\u200b", kind="tax", issuer="\u200b"),
        NewIdentifier(value="///", kind="passport"),
        NewIdentifier(value="77", kind="passport", issuer="|<b>"),
        NewIdentifier(value="77", kind="library-card"),
        NewIdentifier(value="\ufdfa" * 10, kind="tax"),
    ],
)
def test_an_identifier_that_is_nothing_is_refused(
    amina: UUID, bruno: Access, identifier: NewIdentifier
) -> None:
    with pytest.raises(operations.UnableToRegister):
        operations.add_identifier(person_id=amina, identifier=identifier, access=bruno, at=LATER)


@pytest.mark.parametrize(
    ("provider", "number"),
    [
        ("CBXAXAXA", "---"),
        ("CBXAXAXA", "Ω1"),
        ("CBXAXAXA", "1" * 35),
        ("12345678", "1"),
        ("ÉÉÉÉXAXA", "1"),
    ],
)
def test_an_account_that_no_order_could_name_is_refused(
    amina: UUID, bruno: Access, provider: str, number: str
) -> None:
    with pytest.raises(operations.UnableToRegister, match="BIC"):
        operations.set_payment_account(
            person_id=amina,
            account=NewAccount(kind="bank", provider=provider, account_number=number),
            starts_on=TODAY,
            access=bruno,
            at=LATER,
        )
