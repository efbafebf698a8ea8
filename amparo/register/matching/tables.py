"""People as rows of columns: what Splink and DuckDB compare.

Names and places repeat, so each text is spelled once however many bear it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

from amparo.register.matching.keys import MOST_IN_A_BLOCK
from amparo.register.matching.traits import Traits

_LISTS: Final = ("given_words", "families", "numbers", "phones", "words")
_TEXTS: Final = (
    "given", "given_bones", "family", "family_bones", "sex", "birth", "number", "mother",
    "district",
)  # fmt: skip
SCHEMA: Final = pa.schema(
    [
        pa.field("place", pa.int64()),
        *(pa.field(name, pa.string()) for name in _TEXTS),
        *(pa.field(name, pa.list_(pa.string())) for name in _LISTS),
        pa.field("is_vague", pa.bool_()),
    ]
)


def table_of(people: Iterable[Traits], *, first: int = 0) -> pa.Table:
    """Return the people as columns; `place` counts them in their order, from `first`."""
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for place, traits in enumerate(people, start=first):
        columns["place"].append(place)
        columns["is_vague"].append(traits.is_vague)
        for name in _TEXTS:
            columns[name].append(getattr(traits, name))
        for name in _LISTS:
            columns[name].append(list(getattr(traits, name)))
    return pa.table(columns, schema=SCHEMA)


def keys_table(keys: Iterable[tuple[int, int]]) -> pa.Table:
    """Return (place, key) as columns."""
    pairs = list(keys)
    return pa.table(
        {
            "place": pa.array([place for place, _key in pairs], pa.int64()),
            "key": pa.array([key for _place, key in pairs], pa.int64()),
        }
    )


def shares_table(shares: Mapping[str, float]) -> pa.Table:
    """Return values and their shares as columns."""
    return pa.table(
        {
            "value": pa.array(list(shares), pa.string()),
            "share": pa.array(list(shares.values()), pa.float64()),
        }
    )


def make_pairs(database: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Make the table `pair` of who shares a key, of the table `key`; count pairs and keys left out.

    A key shared by more than MOST_IN_A_BLOCK people is left out, and counted.
    """
    database.execute(
        """
        CREATE OR REPLACE TABLE block AS
        SELECT key, count(*) AS people FROM key GROUP BY key HAVING count(*) > 1
        """
    )
    database.execute(
        """
        CREATE OR REPLACE TABLE pair AS
        WITH held AS (
            SELECT k.key, k.place FROM key k JOIN block b USING (key) WHERE b.people <= $most
        )
        SELECT DISTINCT a.place AS join_key_l, b.place AS join_key_r, '0' AS match_key
        FROM held a JOIN held b ON a.key = b.key AND a.place < b.place
        """,
        {"most": MOST_IN_A_BLOCK},
    )
    ((pairs, left_out),) = database.execute(
        "SELECT (SELECT count(*) FROM pair), (SELECT count(*) FROM block WHERE people > $most)",
        {"most": MOST_IN_A_BLOCK},
    ).fetchall()
    return pairs, left_out


def shares_of(
    database: duckdb.DuckDBPyConnection, name: str, *, at_least: int
) -> Mapping[str, float]:
    """Return the share of each value of a column of `person` that so many people have."""
    rows = database.execute(
        f"""
        SELECT {name}, count(*) / (SELECT count({name}) FROM person) FROM person
        WHERE {name} IS NOT NULL GROUP BY {name} HAVING count(*) >= $least ORDER BY {name}
        """,  # noqa: S608 — a name of FREQUENCIES
        {"least": at_least},
    ).fetchall()
    return {value: round(share, 9) for value, share in rows}
