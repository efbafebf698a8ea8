"""Ties between people: as recorded, dated, and never what no life holds, whoever writes them."""

import itertools
import threading
from collections.abc import Callable
from datetime import date

import psycopg
import pytest
from django.db import connection, connections, transaction
from psycopg import Connection, errors

from amparo.register import operations
from amparo.register.models import LifeEvent
from amparo.register.operations import ImpossibleLife, UnableToRegister
from amparo.register.records import NewEmployer, NewPerson
from amparo.values import Access
from tests.conftest import Clone
from tests.register.people import AT, GROUNDS, LATER, record_of, register, said, since, writing


def wed(access: Access, one: object, other: object, day: date, form: str = "civil") -> object:
    return operations.record_union(
        writing=writing(one, access),  # type: ignore[arg-type]
        partner_id=other,  # type: ignore[arg-type]
        form=form,
        starts_on=day,
    )


# --- unions -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_union_shows_on_both_sides_with_its_form_and_their_status(bruno: Access) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")

    wed(bruno, amina, zuri, date(1990, 6, 1), "customary")

    for one in (amina, zuri):
        record = record_of(one, bruno)
        assert [(tie.kind, tie.form) for tie in record.kin] == [("spouse", "customary")]
        assert said(record, "civil-status") == [{"status": "married"}]
        assert record_of(one, bruno, on=date(1990, 5, 31)).kin == ()


@pytest.mark.django_db
def test_a_man_with_two_wives_is_divorced_from_neither_by_leaving_one(bruno: Access) -> None:
    juma, amina, zuri = (register(bruno, name) for name in ("Juma", "Amina", "Zuri"))
    first = wed(bruno, juma, amina, date(1990, 6, 1), "religious")
    wed(bruno, juma, zuri, date(1995, 6, 1), "religious")

    operations.end_union(
        writing=writing(amina, bruno),
        tie_id=first,  # type: ignore[arg-type]
        ends_before=date(2001, 1, 1),
        outcome="divorced",
    )

    on = date(2001, 1, 1)
    assert said(record_of(juma, bruno, on=on), "civil-status") == [{"status": "married"}]
    assert said(record_of(amina, bruno, on=on), "civil-status") == [{"status": "divorced"}]
    assert [tie.name for tie in record_of(juma, bruno, on=on).kin] == ["Zuri"]


@pytest.mark.django_db
def test_two_women_marry_and_the_other_of_the_two_may_say_so_once(bruno: Access) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    wed(bruno, amina, zuri, date(2020, 2, 29))

    with pytest.raises(UnableToRegister, match="covers some of the same days"):
        wed(bruno, zuri, amina, date(2021, 1, 1))


@pytest.mark.django_db
def test_an_old_union_found_later_leaves_the_later_status_standing(bruno: Access) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    operations.state_civil_status(
        writing=writing(amina, bruno), status="widowed", during=since(date(2015, 1, 1))
    )

    wed(bruno, amina, zuri, date(1990, 6, 1))

    assert said(record_of(amina, bruno), "civil-status") == [{"status": "widowed"}]
    at_2014 = record_of(amina, bruno, on=date(2014, 12, 31))
    assert said(at_2014, "civil-status") == [{"status": "married"}]


@pytest.mark.django_db
def test_a_union_and_its_end_are_published_for_both(bruno: Access, reading_all: None) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    tie = wed(bruno, amina, zuri, date(1990, 6, 1))
    operations.end_union(
        writing=writing(zuri, bruno),
        tie_id=tie,  # type: ignore[arg-type]
        ends_before=date(2001, 1, 1),
        outcome="separated",
    )

    events = LifeEvent.objects.exclude(kind="registered").values_list("kind", "person_id")

    assert sorted(events) == sorted(
        (kind, one) for kind in ("union", "union-end") for one in (amina, zuri)
    )


# --- what no life holds -----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "is_possible"), [(date(2020, 5, 4), True), (date(2020, 5, 5), False)]
)
def test_nobody_marries_the_dead(day: date, bruno: Access, *, is_possible: bool) -> None:
    amina = register(bruno, "Amina", born=date(1963, 2, 28))
    zuri = register(bruno, "Zuri", born=date(1960, 1, 1), died=date(2020, 5, 4))

    if is_possible:
        wed(bruno, amina, zuri, day)
    else:
        with pytest.raises(ImpossibleLife, match="after the death"):
            wed(bruno, amina, zuri, day)


@pytest.mark.django_db
def test_nobody_is_tied_to_themselves(bruno: Access) -> None:
    amina = register(bruno, "Amina")

    attempts: tuple[Callable[[], object], ...] = (
        lambda: wed(bruno, amina, amina, AT.date()),
        lambda: operations.record_parent(
            writing=writing(amina, bruno), parent_id=amina, during=since(None)
        ),
        lambda: operations.appoint_guardian(
            writing=writing(amina, bruno), guardian_id=amina, during=since(None)
        ),
        lambda: operations.name_representative(
            writing=writing(amina, bruno),
            representative_id=amina,
            kind="guardian",
            during=since(None),
        ),
    )
    for attempt in attempts:
        with pytest.raises(ImpossibleLife):
            attempt()


@pytest.mark.django_db
def test_a_circle_of_ancestors_is_refused_at_its_last_tie(bruno: Access) -> None:
    line = [register(bruno, f"Ancestor {letter}") for letter in "ABCD"]
    for child, parent in itertools.pairwise(line):
        operations.record_parent(
            writing=writing(child, bruno), parent_id=parent, during=since(None)
        )

    with pytest.raises(ImpossibleLife, match="own ancestor"):
        operations.record_parent(
            writing=writing(line[-1], bruno), parent_id=line[0], during=since(None)
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("child_born", "precision", "parent_born", "is_possible"),
    [
        (date(2000, 2, 29), "day", date(2000, 3, 1), False),
        (date(2000, 2, 29), "day", date(2000, 2, 28), True),
        # Known to the month or year alone, the child may have been born on its last day.
        (date(2000, 2, 1), "month", date(2000, 2, 29), True),
        (date(2000, 2, 1), "month", date(2000, 3, 1), False),
        (date(2000, 1, 1), "year", date(2000, 12, 31), True),
        (date(2000, 1, 1), "year", date(2001, 1, 1), False),
        (None, "day", date(2001, 1, 1), True),
    ],
)
def test_a_parent_is_born_before_the_child(
    child_born: date | None, precision: str, parent_born: date, bruno: Access, *, is_possible: bool
) -> None:
    parent = register(bruno, "Amina", born=parent_born)

    if is_possible:
        register(bruno, "Zuri", born=child_born, birth_precision=precision, parent_ids=(parent,))
    else:
        with pytest.raises(ImpossibleLife, match="born after the child"):
            register(
                bruno, "Zuri", born=child_born, birth_precision=precision, parent_ids=(parent,)
            )


@pytest.mark.django_db
def test_a_birth_corrected_to_after_a_childs_is_refused(bruno: Access) -> None:
    amina = register(bruno, "Amina", born=date(1963, 2, 28))
    register(bruno, "Zuri", born=date(1985, 7, 1), parent_ids=(amina,))
    vitals = record_of(amina, bruno).vitals
    assert vitals is not None

    with pytest.raises(ImpossibleLife, match="born after the child"):
        operations.correct_vitals(
            person_id=amina,
            fact_id=vitals.times.fact_id,
            sex="female",
            birth_date=date(1993, 2, 28),
            birth_precision="day",
            death_date=None,
            grounds=GROUNDS,
            access=bruno,
            at=LATER,
        )


@pytest.mark.django_db
def test_a_death_before_a_marriage_is_refused(bruno: Access) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    wed(bruno, amina, zuri, date(1990, 6, 1))

    with pytest.raises(ImpossibleLife, match="after the death"):
        operations.record_death(person_id=zuri, death_date=date(1989, 1, 1), access=bruno, at=LATER)


@pytest.mark.django_db
def test_the_dead_are_not_hired(bruno: Access) -> None:
    kora = operations.register_employer(
        employer=NewEmployer(name="Kora Textiles", activity="1311", district="Lakeside"),
        access=bruno,
        at=AT,
    )
    amina = register(bruno, "Amina", born=date(1963, 2, 28), died=date(2020, 5, 4))

    with pytest.raises(ImpossibleLife, match="after their death"):
        operations.start_employment(
            person_id=amina,
            employer_id=kora,
            starts_on=date(2020, 5, 5),
            access=bruno,
            at=LATER,
        )


@pytest.mark.django_db
def test_a_second_payee_comes_after_the_first_and_a_guardian_is_beside_them(bruno: Access) -> None:
    amina, zuri, juma = (register(bruno, name) for name in ("Amina", "Zuri", "Juma"))
    for one, kind, rank in ((zuri, "payee", 1), (juma, "payee", 2), (juma, "guardian", 1)):
        operations.name_representative(
            writing=writing(amina, bruno),
            representative_id=one,
            kind=kind,
            rank=rank,
            during=since(None),
        )

    record = record_of(amina, bruno)

    assert record.payee is not None
    assert record.payee.person_id == zuri
    assert [(one.kind, one.person_id) for one in record.representatives] == [("guardian", juma)]
    with pytest.raises(UnableToRegister, match="stands there already"):
        operations.name_representative(
            writing=writing(amina, bruno),
            representative_id=zuri,
            kind="payee",
            rank=3,
            during=since(None),
        )


# --- births -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_child_is_born_into_the_household_of_the_first_parent_who_has_one(
    bruno: Access, reading_all: None
) -> None:
    household = operations.open_household(access=bruno, at=AT)
    amina = register(bruno, "Amina", born=date(1999, 3, 1))
    zuri = register(bruno, "Zuri", born=date(1998, 3, 1), household_id=household)

    child = operations.record_birth(
        child=NewPerson(
            given_names="Neema",
            sex="female",
            birth_date=date(2024, 2, 29),
            parent_ids=(amina, zuri),
        ),
        access=bruno,
        at=LATER,
    )

    record = record_of(child, bruno)
    assert record.household is not None
    assert record.household.household_id == household
    assert {tie.person_id for tie in record.kin} == {amina, zuri}
    born = LifeEvent.objects.filter(kind="birth", on_date=date(2024, 2, 29))
    assert set(born.values_list("person_id", flat=True)) == {child, amina, zuri}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("died", "is_possible"), [(date(2023, 6, 1), True), (date(2023, 4, 1), False)]
)
def test_a_father_may_die_before_the_birth_and_not_long_before(
    died: date, bruno: Access, *, is_possible: bool
) -> None:
    father = register(bruno, "Juma", born=date(1990, 1, 1), died=died)
    child = NewPerson(
        given_names="Neema", sex="female", birth_date=date(2024, 2, 29), parent_ids=(father,)
    )

    if is_possible:
        operations.record_birth(child=child, access=bruno, at=LATER)
    else:
        with pytest.raises(ImpossibleLife, match="ten months"):
            operations.record_birth(child=child, access=bruno, at=LATER)


# --- bulk SQL and two at once -----------------------------------------------------------------

_TIMES = "gen_random_uuid(), '0001-01-01', now(), 'exchange', gen_random_uuid()"
_FACT = "id, starts_on, recorded_at, source, recorded_by"


def bulk(link: Connection, statement: str) -> None:
    link.execute(statement.encode())


def tie(child: str, parent: str) -> str:
    """Say in SQL that one named person is another's child."""
    return (
        f"INSERT INTO register_kinship ({_FACT}, person_id, relative_id, kind)"  # noqa: S608
        f" SELECT {_TIMES}, c.person_id, p.person_id, 'parent'"
        " FROM register_personname c, register_personname p"
        f" WHERE (c.given_names, p.given_names) IN ({child}, {parent})"
    )


@pytest.mark.django_db
def test_bulk_sql_meets_the_same_refusals(bruno: Access, reading_all: None) -> None:
    register(bruno, "Amina", born=date(1963, 2, 28))
    register(bruno, "Zuri", born=date(1985, 7, 1))
    register(bruno, "Juma")
    register(bruno, "Neema")
    link: Connection = connection.connection

    for statement, refused in (
        (tie("('Amina', 'Zuri')", "('Juma', 'Neema')"), "a_parent_is_older"),
        (tie("('Juma', 'Neema')", "('Neema', 'Juma')"), "nobody_descends_from_themselves"),
    ):
        with pytest.raises(errors.IntegrityError) as error, transaction.atomic():
            bulk(link, statement)
        assert error.value.diag.constraint_name == refused


def test_two_officers_who_close_a_circle_at_once_are_not_both_believed(
    cloned_database: Clone, bruno: Access
) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    barrier, outcomes = threading.Barrier(2), []

    def write(child: object, parent: object) -> None:
        barrier.wait()
        try:
            operations.record_parent(
                writing=writing(child, bruno),  # type: ignore[arg-type]
                parent_id=parent,  # type: ignore[arg-type]
                during=since(None),
            )
            outcomes.append("written")
        except ImpossibleLife:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=pair) for pair in ((amina, zuri), (zuri, amina))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "written"]
    with psycopg.connect(cloned_database.owner_url) as link:
        assert link.execute("SELECT count(*) FROM register_kinship").fetchone() == (1,)
