"""A check of the database against an invariant: what a room can say about its own tables in SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Cursor(Protocol):
    """The little of a database cursor that a check needs."""

    def execute(self, query: Any, params: Any = None, /) -> object: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found. examples: some ids of what violates it, never personal data."""

    rows: int
    violations: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of an invariant of the product, numbered as `amparo verify` prints them.

    It runs as the owner of the tables, who sees every row: row-level security would hide what it
    must find, and nothing seen is nothing wrong.
    """

    invariant: int
    name: str
    run: Callable[[Cursor], Finding]


def in_sql(*, invariant: int, name: str, rows: str, violations: str) -> Check:
    """Make a check of two queries: the rows it covers, and the ids (as text) that violate it."""

    def run(cursor: Cursor) -> Finding:
        cursor.execute(f"SELECT count(*) FROM ({rows}) AS checked")  # noqa: S608 — fixed text
        (checked,) = cursor.fetchone()
        cursor.execute(
            f"SELECT count(*), (array_agg(id ORDER BY id))[1:10] FROM ({violations}) AS found (id)"  # noqa: S608
        )
        count, examples = cursor.fetchone()
        return Finding(rows=checked, violations=count, examples=tuple(examples or ()))

    return Check(invariant=invariant, name=name, run=run)


def triggers_hold(*, invariant: int, trigger: str, tables: Sequence[str]) -> Check:
    """Make a check that a trigger stands on each table and fires ALWAYS."""
    listed = ", ".join(f"('{table}')" for table in tables)
    return in_sql(
        invariant=invariant,
        name=f"the trigger {trigger} stands on {', '.join(tables)}",
        rows=f"VALUES {listed}",
        violations=f"""
            SELECT expected.name FROM (VALUES {listed}) AS expected (name)
            WHERE NOT EXISTS (
              SELECT FROM pg_trigger t
              WHERE t.tgrelid = to_regclass('public.' || expected.name)
                AND t.tgname = '{trigger}' AND t.tgenabled = 'A')
        """,  # noqa: S608 — our own tables' names
    )
