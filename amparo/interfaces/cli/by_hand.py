"""The hand-written limit of the import: what a careful person would write for this one file.

The same eight tables of facts, with the same keys, indexes, constraints and triggers, stand empty
in a schema beside; the file goes by COPY into one table of texts, then by one INSERT … SELECT into
each, ids in the order of the file. Nothing is checked that the tables do not check: no cell, no
reference, no row of an error file.
"""

from pathlib import Path
from typing import Final

import psycopg

_TABLES: Final = (
    "register_person",
    "register_household",
    "register_personname",
    "register_vitals",
    "register_identifier",
    "register_residence",
    "register_paymentaccount",
    "register_householdmember",
    "register_kinship",
    "register_lifeevent",
)

_TIMES: Final = "id, starts_on, recorded_at, source, recorded_by"


def _id(kind: int, place: str = "n") -> str:
    return f"('0000000{kind}-0000-7000-8000-' || lpad(to_hex({place}), 12, '0'))::uuid"


def _fact(kind: int, place: str = "n") -> str:
    return f"{_id(kind, place)}, '0001-01-01', now(), 'exchange', person_id"


_FACTS: Final = f"""
CREATE TEMPORARY TABLE people AS
SELECT *, {_id(0)} AS person_id, {_id(1)} AS vitals_id
FROM (SELECT *, row_number() OVER () AS n FROM staged) AS rows;
CREATE TEMPORARY TABLE homes AS
SELECT household_ref, {_id(2, "min(n)")} AS household_id, row_number() OVER () AS n
FROM people WHERE household_ref <> '' GROUP BY household_ref;
ANALYZE people;
ANALYZE homes;
INSERT INTO register_person SELECT person_id, 'P-' || n, now() FROM people;
INSERT INTO register_household SELECT household_id, 'H-' || n, now() FROM homes;
INSERT INTO register_personname ({_TIMES}, person_id, given_names, family_name, search_name)
SELECT {_fact(3)}, person_id, given_names, family_name, lower(given_names || ' ' || family_name)
FROM people;
INSERT INTO register_vitals ({_TIMES}, person_id, sex, birth_date, birth_precision)
SELECT vitals_id, '0001-01-01', now(), 'exchange', person_id, person_id, sex,
       CASE length(birth_date) WHEN 0 THEN NULL WHEN 4 THEN (birth_date || '-01-01')::date
           WHEN 7 THEN (birth_date || '-01')::date ELSE birth_date::date END,
       CASE length(birth_date) WHEN 4 THEN 'year' WHEN 7 THEN 'month' ELSE 'day' END
FROM people;
INSERT INTO register_identifier ({_TIMES}, person_id, kind, issuer, value)
SELECT {_fact(4)}, person_id, 'national-id', 'XA', national_id FROM people WHERE national_id <> '';
INSERT INTO register_residence ({_TIMES}, person_id, country, district, address)
SELECT {_fact(5)}, person_id, 'XA', district, address FROM people WHERE district <> '';
INSERT INTO register_paymentaccount
    ({_TIMES}, person_id, kind, provider, account_number, verified_by)
SELECT {_fact(6)}, person_id, payment_kind, payment_provider, payment_account, ''
FROM people WHERE payment_kind <> '';
INSERT INTO register_householdmember ({_TIMES}, person_id, household_id, role)
SELECT {_fact(7, "people.n")}, person_id, household_id,
       coalesce(nullif(household_role, ''), 'member')
FROM people JOIN homes USING (household_ref) ORDER BY people.n;
INSERT INTO register_kinship ({_TIMES}, person_id, relative_id, kind)
SELECT {_id(8, "row_number() OVER ()")}, '0001-01-01', now(), 'exchange', child.person_id,
       child.person_id, parent.person_id, 'parent'
FROM people child
CROSS JOIN LATERAL unnest(string_to_array(nullif(child.parent_refs, ''), '|')) AS parents (ref)
JOIN people parent ON parent.person_ref = parents.ref;
INSERT INTO register_lifeevent (person_id, kind, on_date, fact_id, recorded_at)
SELECT person_id, 'registered', current_date, vitals_id, now() FROM people;
"""  # noqa: S608 — constants of this module


def prepare(*, connection: psycopg.Connection, path: Path) -> None:
    """Lay out the register's tables, empty, in a schema that this connection then works in."""
    with path.open(encoding="utf-8") as file:
        columns = ", ".join(f"{name} text" for name in file.readline().strip().split(","))
    connection.execute("CREATE SCHEMA by_hand")
    _run(connection, f"CREATE TABLE by_hand.staged ({columns})")
    for table in _TABLES:
        _run(connection, f"CREATE TABLE by_hand.{table} (LIKE public.{table} INCLUDING ALL)")
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)"
        " AND confrelid::regclass::text = ANY (%s)",
        [list(_TABLES), list(_TABLES)],
    ).fetchall()
    triggers = connection.execute(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY (%s)",
        [list(_TABLES)],
    ).fetchall()
    connection.execute("SET search_path = by_hand, public")
    for table, name, key in keys:
        _run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} {key}")
    for (trigger,) in triggers:
        _run(connection, trigger.replace(" ON public.", " ON by_hand."))


def stage(*, connection: psycopg.Connection, path: Path) -> None:
    """COPY the file into one table of texts without keys."""
    load = r"COPY by_hand.staged FROM STDIN (FORMAT csv, HEADER, NULL '\N')"
    with connection.cursor() as cursor, path.open("rb") as file, cursor.copy(load) as rows:
        while block := file.read(1 << 16):
            rows.write(block)


def write_facts(*, connection: psycopg.Connection) -> None:
    """Write what was staged into the tables of facts: statements sent together are one act."""
    _run(connection, _FACTS)


def differences(*, connection: psycopg.Connection) -> list[str]:
    """Name the tables that do not hold as many rows by hand as by the import."""
    differing = []
    for table in _TABLES:
        found = connection.execute(
            f"SELECT (SELECT count(*) FROM by_hand.{table})"  # noqa: S608
            f" = (SELECT count(*) FROM public.{table})".encode()
        ).fetchone()
        if found != (True,):
            differing.append(table)
    return differing


def _run(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement.encode())
