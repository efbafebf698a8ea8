"""Write many rows in one go: COPY into a temporary table, then one INSERT … SELECT.

COPY straight into a table is refused under row-level security, and would fail on the first row
that a constraint refuses without saying which statement wanted it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_rows(*, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert the rows and return how many. Raises IntegrityError as the table's constraints do.

    rows: values in the order of `columns`, of types that psycopg writes for them.
    """
    staged = sql.Identifier(f"staged_{table}")
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    parts = {"staged": staged, "table": sql.Identifier(table), "names": names}
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {staged} AS SELECT {names} FROM {table} WITH NO DATA"
            ).format(**parts)
        )
        with cursor.copy(sql.SQL("COPY {staged} ({names}) FROM STDIN").format(**parts)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM {staged}").format(**parts)
        )
        written = int(cursor.rowcount)
        cursor.execute(sql.SQL("DROP TABLE {staged}").format(**parts))
    return written
