"""What the database itself refuses: bulk SQL, COPY and two officers at once included."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from django.apps import apps
from django.db import connection, connections
from psycopg import Connection, errors, sql

from amparo.register import operations
from amparo.register.facts import FactChangedMeanwhile
from amparo.register.models import Fact
from amparo.register.records import Grounds, NewIdentifier, NewPerson, NewResidence
from amparo.values import Access
from tests.conftest import Clone

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
FACTS = sorted(
    model._meta.db_table
    for model in apps.get_app_config("register").get_models()
    if issubclass(model, Fact)
)
PERSONAL = sorted(
    {*FACTS, "register_lifeevent", "register_factgrounds"}
    - {"register_employerprofile", "register_establishment", "register_referenceentry"}
)

NEW_HOME = """
INSERT INTO register_residence
    (id, person_id, starts_on, ends_before, recorded_at, source, recorded_by,
     country, district, address)
SELECT gen_random_uuid(), person_id, '2020-01-01', NULL, recorded_at + interval '1 day', 'officer',
       recorded_by, 'XA', 'Elsewhere', ''
FROM register_residence
"""


def josefa(access: Access, *, name: str = "Josefa") -> UUID:
    return operations.register_person(
        person=NewPerson(
            given_names=name,
            sex="female",
            birth_date=date(1956, 6, 18),
            residence=NewResidence(country="XA", district="Highland North"),
        ),
        access=access,
        at=AT,
    )


@pytest.fixture
def app(db: None, bruno: Access) -> Connection:
    """The application's own connection, with Josefa registered and a purpose set."""
    josefa(bruno)
    link: Connection = connection.connection
    link.execute("SELECT set_config('amparo.purpose', 'test', true)")
    return link


@pytest.fixture
def owner(cloned_database: Clone, bruno: Access) -> Iterator[Connection]:
    """A connection of the role that owns the tables, with Josefa registered."""
    josefa(bruno)
    with psycopg.connect(cloned_database.owner_url) as link:
        yield link


def test_every_fact_table_is_guarded(app: Connection) -> None:
    guarded = {
        row[0]
        for row in app.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'guard_fact_rows'"
        )
    }

    assert set(FACTS) <= guarded


def test_every_table_about_persons_is_closed_without_a_purpose(app: Connection) -> None:
    closed = {
        row[0]
        for row in app.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        if row[0].startswith("register_")
    }

    assert set(PERSONAL) <= closed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_residence SET district = 'Elsewhere'",
        "UPDATE register_residence SET ends_before = '2026-01-01'",
        "UPDATE register_vitals SET birth_date = '1950-01-01', superseded_at = now()",
        "DELETE FROM register_residence",
        "DELETE FROM register_factuse",
        "DELETE FROM register_factgrounds",
        "UPDATE register_lifeevent SET kind = 'death'",
        "TRUNCATE register_residence",
        "TRUNCATE register_person CASCADE",
    ],
)
def test_the_application_cannot_rewrite_a_fact(app: Connection, statement: str) -> None:
    with (
        pytest.raises((errors.InsufficientPrivilege, errors.IntegrityError)),
        app.transaction(),
    ):
        app.execute(statement)

    assert app.execute("SELECT district FROM register_residence").fetchall() == [
        ("Highland North",)
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_residence SET district = 'Elsewhere'",
        "UPDATE register_residence SET district = 'Elsewhere', superseded_at = now()",
        "DELETE FROM register_residence",
        "TRUNCATE register_residence",
        "UPDATE register_lifeevent SET kind = 'death'",
    ],
)
def test_not_even_the_owner_of_the_tables_can(owner: Connection, statement: str) -> None:
    with pytest.raises(errors.IntegrityError):
        owner.execute(statement)


def test_a_fact_is_superseded_once(app: Connection) -> None:
    app.execute("UPDATE register_residence SET superseded_at = now()")

    for again in ("now()", "NULL"):
        statement = sql.SQL("UPDATE register_residence SET superseded_at = {}")
        with pytest.raises(errors.IntegrityError), app.transaction():
            app.execute(statement.format(sql.SQL(again)))


def test_a_fact_is_not_superseded_before_it_was_recorded(app: Connection) -> None:
    # The range of the exclusion constraint refuses it even before the check does.
    with pytest.raises((errors.CheckViolation, errors.DataException)):
        app.execute("UPDATE register_residence SET superseded_at = '2000-01-01'")


def test_overlapping_facts_are_refused_to_bulk_sql(app: Connection) -> None:
    with pytest.raises(errors.ExclusionViolation):
        app.execute(NEW_HOME)


@pytest.mark.parametrize("table", ["register_personname", "register_vitals"])
def test_nobody_loses_their_name_or_vitals_without_another(app: Connection, table: str) -> None:
    app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    forget = sql.SQL("UPDATE {} SET superseded_at = now()").format(sql.Identifier(table))

    with pytest.raises(errors.IntegrityError, match="give way to another"), app.transaction():
        app.execute(forget)


@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("register_personname", "given_names, family_name, search_name", "'....', '', ''"),
        ("register_vitals", "sex, birth_precision, birth_date", "'male', 'day', '1850-01-01'"),
        ("register_vitals", "sex, birth_precision, death_date", "'male', 'day', '9999-12-31'"),
        ("register_identifier", "kind, issuer, value", "'tax', 'XA', ''"),
        ("register_identifier", "kind, issuer, value", "'tax', '', '77'"),
        ("register_identifier", "kind, issuer, value", "'library-card', 'XA', '77'"),
        ("register_residence", "country, district, address", "'??', 'Kora', ''"),
        ("register_residence", "country, district, address", "'XA', '', ''"),
        (
            "register_paymentaccount",
            "kind, provider, account_number, verified_by",
            "'bank', '12345678', '77', ''",
        ),
        (
            "register_paymentaccount",
            "kind, provider, account_number, verified_by",
            "'bank', 'CBXAXAXA', '', ''",
        ),
    ],
)
def test_a_fact_that_cannot_be_is_refused_to_bulk_sql(
    app: Connection, table: str, columns: LiteralString, values: LiteralString
) -> None:
    another = app.execute(
        "INSERT INTO register_person (id, number, registered_at)"
        " VALUES (gen_random_uuid(), 'P-1', now()) RETURNING id"
    ).fetchone()
    assert another is not None
    statement = sql.SQL(
        "INSERT INTO {} (id, person_id, starts_on, recorded_at, source, recorded_by, {})"
        " VALUES (gen_random_uuid(), %s, '0001-01-01', now(), 'officer', %s, {})"
    ).format(sql.Identifier(table), sql.SQL(columns), sql.SQL(values))

    with pytest.raises(errors.CheckViolation), app.transaction():
        app.execute(statement, [another[0], another[0]])


@pytest.mark.parametrize("period", ["'1800-01-01', NULL", "'2020-01-01', '9999-12-31'"])
def test_a_period_of_impossible_days_is_refused_to_bulk_sql(app: Connection, period: str) -> None:
    app.execute("UPDATE register_residence SET superseded_at = now()")

    with pytest.raises(errors.CheckViolation, match="possible_days"):
        app.execute(NEW_HOME.replace("'2020-01-01', NULL", period).encode())


def test_copy_into_a_table_about_persons_is_refused(app: Connection) -> None:
    with (
        pytest.raises(errors.FeatureNotSupported),
        app.cursor().copy("COPY register_residence FROM STDIN") as copy,
    ):
        copy.write(b"")


def test_overlapping_facts_are_refused_to_copy_by_the_owner(owner: Connection) -> None:
    with owner.cursor().copy("COPY register_residence TO STDOUT") as out:
        line = b"".join(bytes(chunk) for chunk in out)
    another_id = line.replace(line[:8], b"ffffffff", 1)

    with (
        pytest.raises(errors.ExclusionViolation),
        owner.cursor().copy("COPY register_residence FROM STDIN") as copy,
    ):
        copy.write(another_id)


def test_a_reading_of_ones_own_record_shows_nobody_else(app: Connection, bruno: Access) -> None:
    child = operations.register_person(
        person=NewPerson(given_names="Zuri", sex="female"), access=bruno, at=AT
    )

    app.execute("SELECT set_config('amparo.subject', %s, false)", [str(child)])

    assert app.execute("SELECT person_id FROM register_personname").fetchall() == [(child,)]
    found = app.execute("SELECT person_id FROM register_search_persons('josefa', '', 0, 10)")
    assert found.fetchall() == []


def test_a_tie_is_seen_from_both_of_its_sides(app: Connection, bruno: Access) -> None:
    mother = josefa(bruno, name="Amina")
    child = operations.register_person(
        person=NewPerson(given_names="Zuri", sex="female", parent_ids=(mother,)),
        access=bruno,
        at=AT,
    )

    for side in (mother, child):
        app.execute("SELECT set_config('amparo.subject', %s, false)", [str(side)])
        assert app.execute("SELECT person_id, relative_id FROM register_kinship").fetchall() == [
            (child, mother)
        ]
    app.execute("SELECT set_config('amparo.purpose', '', false)")
    assert app.execute("SELECT * FROM register_kinship").fetchall() == []


def test_nobody_is_searched_without_a_purpose(app: Connection) -> None:
    app.execute("SELECT set_config('amparo.purpose', '', false)")

    with pytest.raises(errors.InsufficientPrivilege, match="inside a reading"):
        app.execute("SELECT * FROM register_search_persons('josefa', '', 0, 10)")


def test_the_search_cannot_be_led_astray_by_another_schema(app: Connection) -> None:
    settings = app.execute(
        "SELECT prosecdef, proconfig FROM pg_proc WHERE proname = 'register_search_persons'"
    ).fetchone()

    assert settings is not None
    assert settings[0] is True
    assert "search_path=public, pg_temp" in settings[1]


def test_two_officers_who_move_somebody_at_once_do_it_one_after_the_other(
    cloned_database: Clone, bruno: Access
) -> None:
    person_id = josefa(bruno)

    def move(district: str, hour: int) -> None:
        operations.move(
            person_id=person_id,
            residence=NewResidence(country="XA", district=district),
            starts_on=date(2026, 11, 22),
            access=bruno,
            at=datetime(2026, 11, 25, hour, tzinfo=UTC),
        )

    problems = at_once(lambda: move("Lakeside", 9), lambda: move("Old Port", 9))

    assert problems == []
    with psycopg.connect(cloned_database.owner_url) as owner:
        current = owner.execute(
            "SELECT district, ends_before FROM register_residence"
            " WHERE superseded_at IS NULL ORDER BY starts_on"
        ).fetchall()
    assert len(current) == 2
    assert current[0] == ("Highland North", date(2026, 11, 22))


def test_two_officers_who_register_one_identifier_at_once_get_one_person(
    cloned_database: Clone, bruno: Access
) -> None:
    def register(name: str) -> None:
        operations.register_person(
            person=NewPerson(
                given_names=name, sex="female", identifiers=(NewIdentifier(value="1234567897"),)
            ),
            access=bruno,
            at=AT,
        )

    problems = at_once(lambda: register("Amina"), lambda: register("Aminah"))

    assert [type(problem) for problem in problems] == [operations.IdentifierBelongsToSomebody]
    with psycopg.connect(cloned_database.owner_url) as owner:
        people = owner.execute("SELECT count(*) FROM register_person").fetchone()
        names = owner.execute("SELECT count(*) FROM register_personname").fetchone()
    assert people == names == (1,)


def test_two_officers_who_correct_one_fact_at_once_do_not_overwrite_each_other(
    cloned_database: Clone, bruno: Access
) -> None:
    person_id = josefa(bruno)
    with psycopg.connect(cloned_database.owner_url) as owner:
        found = owner.execute("SELECT id FROM register_personname").fetchone()
    assert found is not None

    def correct(name: str) -> None:
        operations.correct_name(
            person_id=person_id,
            fact_id=found[0],
            given_names=name,
            family_name="",
            grounds=Grounds(evidence="identity-document", reason="Misspelt."),
            access=bruno,
            at=datetime(2026, 11, 25, 9, tzinfo=UTC),
        )

    problems = at_once(lambda: correct("Josefina"), lambda: correct("Josephine"))

    assert [type(problem) for problem in problems] == [FactChangedMeanwhile]


def at_once(*acts: Callable[[], None]) -> list[Exception]:
    """Run acts in threads, each on its own connection; return what they raised."""
    problems: list[Exception] = []
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        try:
            barrier.wait(timeout=10)
            act()
        except Exception as problem:  # noqa: BLE001 — the test looks at whatever it is
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not connection.in_atomic_block
    return problems
