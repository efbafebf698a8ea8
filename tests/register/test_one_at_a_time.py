# ruff: noqa: S608 — every table and row is a constant of this module
"""No two facts that exclude each other are true and known at once, whoever writes them."""

import os
import re
import threading
from collections.abc import Iterator, Mapping
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, IsolationLevel, errors

from amparo.interfaces.cli.postgres import Server
from amparo.interfaces.cli.postgres.databases import DATABASE, OWNER
from amparo.register.verification import ONE_AT_A_TIME

AMINA, ZURI = uuid4(), uuid4()
KORA = uuid4()
HOME = uuid4()

# What a row of each table says beside its times: columns, and their values in SQL.
SAYS = {
    "register_personname": (
        "person_id, given_names, family_name, search_name",
        f"'{AMINA}', 'Amina', '', 'amina'",
    ),
    "register_vitals": ("person_id, sex, birth_precision", f"'{AMINA}', 'female', 'day'"),
    "register_identifier": (
        "person_id, kind, issuer, value",
        f"'{AMINA}', 'national-id', 'XA', '1234567897'",
    ),
    "register_kinship": ("person_id, relative_id, kind", f"'{ZURI}', '{AMINA}', 'parent'"),
    "register_householdmember": (
        "person_id, household_id, role",
        f"'{AMINA}', '{HOME}', 'member'",
    ),
    "register_residence": (
        "person_id, country, district, address",
        f"'{AMINA}', 'XA', 'Lakeside', ''",
    ),
    "register_employerprofile": (
        "employer_id, name, search_name, activity, district",
        f"'{KORA}', 'Kora', 'kora', '1311', 'Lakeside'",
    ),
    "register_employment": ("person_id, employer_id, occupation", f"'{AMINA}', '{KORA}', ''"),
    "register_representation": (
        "person_id, representative_id, kind",
        f"'{ZURI}', '{AMINA}', 'payee'",
    ),
    "register_paymentaccount": (
        "person_id, kind, provider, account_number, verified_by",
        f"'{AMINA}', 'bank', 'CBXAXAXA', '000000000001', ''",
    ),
    "register_othername": (
        "person_id, kind, given_names, family_name, search_name",
        f"'{AMINA}', 'alias', 'Mina', '', 'mina'",
    ),
    "register_civilstatus": ("person_id, status", f"'{AMINA}', 'single'"),
    "register_nationality": ("person_id, kind, country", f"'{AMINA}', 'citizenship', 'XA'"),
    "register_spokenlanguage": ("person_id, language, is_preferred", f"'{AMINA}', 'fr', false"),
    "register_contact": (
        "person_id, kind, value, verified_how",
        f"'{AMINA}', 'phone', '+999123456', ''",
    ),
    "register_specialfact": (
        "person_id, category, code, detail, is_self_identified",
        f"'{AMINA}', 'disability', 'seeing', '', true",
    ),
    "register_establishment": (
        "employer_id, code, name, activity, district, unit",
        f"'{KORA}', '1', 'Mill', '1311', 'Lakeside', ''",
    ),
    "register_referenceentry": (
        "list_code, code, parent, labels, details, publisher",
        f"'isco-08', '{AMINA}', '', '{{}}', '{{}}', 'ILO'",
    ),
}

# Beside a row true from 2026-03-01 to before 2026-06-01, known from 1 to before 5 July.
Times = tuple[str, str | None, str, str | None]
TIMES: dict[str, tuple[Times, bool]] = {
    "the same days, known later": (("2026-03-01", "2026-06-01", "2026-07-05", None), True),
    "the same days, known before": (
        ("2026-03-01", "2026-06-01", "2026-06-30", "2026-07-01"),
        True,
    ),
    "the days after, known at once": (("2026-06-01", None, "2026-07-01", None), True),
    "the days before, known at once": (("0001-01-01", "2026-03-01", "2026-07-01", None), True),
    "the last day, known at once": (("2026-05-31", None, "2026-07-01", None), False),
    "a day in its middle, known on the last day": (
        ("2026-04-01", "2026-04-02", "2026-07-04", None),
        False,
    ),
    "always, always known": (("0001-01-01", None, "2020-01-01", None), False),
}


def fact(table: str, starts: str, ends: str | None, known: str, superseded: str | None) -> str:
    columns, values = SAYS[table]

    def day(text: str | None) -> str:
        return "NULL" if text is None else f"'{text}'"

    return (
        f"INSERT INTO {table} (id, starts_on, ends_before, recorded_at, superseded_at, source,"
        f" recorded_by, {columns}) VALUES (gen_random_uuid(), {day(starts)}, {day(ends)},"
        f" {day(known)}, {day(superseded)}, 'officer', gen_random_uuid(), {values})"
    )


def run(link: Connection, statement: str) -> None:
    link.execute(statement.encode())


def anchors(link: Connection, names: Mapping[str, str] | None = None) -> None:
    """Register whoever the facts are about, under other names if given."""
    statement = (
        f"INSERT INTO register_person VALUES ('{AMINA}', 'P-1', now()), ('{ZURI}', 'P-2', now());"
        f"INSERT INTO register_employer VALUES ('{KORA}', 'E-1', now());"
        f"INSERT INTO register_household VALUES ('{HOME}', 'H-1', now())"
    )
    run(link, renamed(statement, names or {}))


def renamed(statement: str, names: Mapping[str, str]) -> str:
    for ours, theirs in names.items():
        statement = statement.replace(ours, theirs)
    return statement


@pytest.fixture(scope="module")
def address(django_db_setup: None, database_server: Server) -> Iterator[str]:
    """The address of a database of this module's own, for the tables' owner."""
    name = f"one_at_a_time_{os.getpid()}"
    database_server.create_database(name=name, template=DATABASE)
    yield database_server.url(role=OWNER, database=name)
    database_server.drop_database(name=name)


@pytest.fixture
def owner(address: str) -> Iterator[Connection]:
    """A connection of the tables' owner, whose work is undone."""
    with psycopg.connect(address) as link:
        anchors(link)
        yield link
        link.rollback()


def test_every_rule_of_the_register_is_held_by_the_database(owner: Connection) -> None:
    excluded = owner.execute(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'x' AND conrelid::regclass::text LIKE 'register_%'"
    ).fetchall()
    times = (
        "daterange(starts_on, ends_before) WITH &&, tstzrange(recorded_at, superseded_at) WITH &&)"
    )

    held = {
        (table, tuple(re.findall(r"[a-z_]+", re.sub(r"md5|text|uuid|::|WITH =", "", keys))))
        for table, definition in excluded
        for keys in [definition.removeprefix("EXCLUDE USING gist (").removesuffix(f", {times}")]
        if definition.endswith(times)
    }

    assert set(ONE_AT_A_TIME.items()) <= held


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("table", SAYS)
def test_two_facts_stand_together_only_where_days_or_knowledge_differ(
    owner: Connection, table: str, times: str
) -> None:
    second, stands = TIMES[times]
    run(owner, fact(table, "2026-03-01", "2026-06-01", "2026-07-01", "2026-07-05"))

    if stands:
        run(owner, fact(table, *second))
    else:
        with pytest.raises(errors.ExclusionViolation):
            run(owner, fact(table, *second))


@pytest.mark.parametrize("table", SAYS)
def test_two_rows_of_one_statement_are_judged_too(owner: Connection, table: str) -> None:
    one = fact(table, "2026-03-01", None, "2026-07-01", None)
    both = f"{one}, {one.partition(' VALUES ')[2]}"

    with pytest.raises(errors.ExclusionViolation):
        run(owner, both)


def test_a_refusal_names_the_rule_it_broke(owner: Connection) -> None:
    run(owner, fact("register_vitals", "0001-01-01", None, "2026-07-01", None))

    with pytest.raises(errors.ExclusionViolation) as refusal:
        run(owner, fact("register_vitals", "0001-01-01", None, "2026-07-02", None))

    assert refusal.value.diag.constraint_name == "one_set_of_vitals_at_a_time"
    assert refusal.value.diag.table_name == "register_vitals"


@pytest.mark.parametrize("table", SAYS)
@pytest.mark.parametrize(
    ("isolation", "refusal"),
    [
        (IsolationLevel.READ_COMMITTED, errors.ExclusionViolation),
        (IsolationLevel.REPEATABLE_READ, errors.ExclusionViolation),
        (IsolationLevel.SERIALIZABLE, (errors.SerializationFailure, errors.ExclusionViolation)),
    ],
)
def test_of_two_writers_at_once_the_second_is_refused(
    address: str,
    table: str,
    isolation: IsolationLevel,
    refusal: type[Exception] | tuple[type[Exception], ...],
) -> None:
    first, second = (psycopg.connect(address) for _ in range(2))
    first.isolation_level = second.isolation_level = isolation
    problems: list[Exception] = []
    # What is committed here stays for the other tests: it is about others than theirs.
    others = {str(name): str(uuid4()) for name in (AMINA, ZURI, KORA, HOME)}
    others |= {code: str(uuid4())[:20] for code in ("1234567897", "P-1", "P-2", "E-1", "H-1")}
    one = renamed(fact(table, "2026-03-01", None, "2026-07-01", None), others)
    too = renamed(fact(table, "2026-04-01", None, "2026-07-02", None), others)

    def write_too() -> None:
        try:
            run(second, too)
            second.commit()
        except psycopg.Error as problem:
            problems.append(problem)

    with psycopg.connect(address) as link:
        anchors(link, others)
    with first, second:
        # Each looks before the other writes, so neither sees what the other brings.
        for link in (first, second):
            run(link, f"SELECT count(*) FROM {table}")
        run(first, one)
        writer = threading.Thread(target=write_too)
        writer.start()
        writer.join(timeout=0.3)
        waits = writer.is_alive()
        first.commit()
        writer.join(timeout=10)
        second.rollback()

    assert waits
    assert [isinstance(problem, refusal) for problem in problems] == [True]
