"""Rows by the million for a schema: pools of telling values, drawn column by column."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.plan import arrow_schema
from amparo.rules.backends.rowwise.samples import Samples
from amparo.rules.backends.rowwise.verify import likely_values
from amparo.rules.feel.conformance import conforms
from amparo.rules.feel.types import ContextType, FeelType, ListType, base_of
from amparo.rules.ir import types
from amparo.rules.ir.schema import Schema
from amparo.rules.packs import Pack
from amparo.rules.packs.boundary import to_feel

POOL: Final = 3_000
# Rows of a group of the file, so that a reader can begin at any of them.
BATCH: Final = 50_000
# Every so many values of a pool is null; with twenty inputs a row in three then lacks nothing.
NULL_EVERY: Final = 20


class Pools:
    """Values per column: around every constant of rules and parameters, and at every edge.

    Values a type does not allow are kept in few places, so that most rows are computed.
    """

    def __init__(self, pack: Pack, schema: Schema, *, seed: int) -> None:
        self.pack = pack
        self.schema = schema
        self.samples = Samples(schema, likely_values(pack, schema), seed=seed)

    def columns(self) -> dict[str, pa.Array]:
        kinds = arrow_schema(self.schema)
        return {
            name: pa.array(self._pool(kind, self._kind_of(name), name), kinds.field(name).type)
            for name, kind in self.schema.columns.items()
        }

    def _kind_of(self, name: str) -> FeelType:
        library = self.pack.library
        return library.elements[library.key_of(name)].kind

    def _pool(self, kind: types.ColumnType, feel: FeelType, name: str) -> list[Any]:
        base = base_of(feel)
        made: list[Any]
        match kind:
            case types.StructType():
                made = self._contexts(kind, base, name)
            case types.ListType():
                item = base.item if isinstance(base, ListType) else base
                items = [one for one in self._pool(kind.item, item, name) if one is not None]
                made = [self._list(items, kind.max_items) for _ in range(POOL)]
            case _:
                made = [self._known(kind, name) for _ in range(POOL)]
        allowed = [value for value in made if conforms(to_feel(value, name=name), feel)]
        pool = [*allowed, *made[: POOL // 300]] if allowed else made
        if kind.nullable:
            pool += [None] * (len(pool) // NULL_EVERY)
        return pool

    def _known(self, kind: types.ColumnType, name: str) -> Any:
        value = None
        while value is None and not isinstance(kind, types.NullType):
            value = self.samples.value(kind, name)
        return value

    def _contexts(
        self, kind: types.StructType, base: FeelType, name: str
    ) -> list[Mapping[str, Any]]:
        inner = dict(base.fields) if isinstance(base, ContextType) else {}
        pools = {
            field: self._pool(of, inner[field], f"{name}.{field}") for field, of in kind.fields
        }
        choose = self.samples.random.choice
        return [{field: choose(pool) for field, pool in pools.items()} for _ in range(POOL)]

    def _list(self, items: list[Any], most: int) -> list[Any]:
        pick = self.samples.random
        size = pick.choice((0, 1, 1, 2, 3, pick.randint(0, 8)))
        return [pick.choice(items) for _ in range(min(size, most))]


def write_rows(pack: Pack, schema: Schema, count: int, path: Path, *, seed: int) -> None:
    """Write so many rows; the same seed gives the same rows."""
    pools = Pools(pack, schema, seed=seed).columns()
    with duckdb.connect() as connection, pq.ParquetWriter(path, arrow_schema(schema)) as writer:
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            drawn = [
                pool.take(_places(connection, start, size, f"{seed} {name}", len(pool)))
                for name, pool in pools.items()
            ]
            writer.write_table(pa.Table.from_arrays(drawn, schema=arrow_schema(schema)))


def _places(
    connection: duckdb.DuckDBPyConnection, start: int, size: int, salt: str, among: int
) -> pa.Array:
    found = connection.sql(
        "SELECT CAST(hash(r, ?) % ? AS BIGINT) AS place FROM range(?, ?) t(r)",
        params=[salt, among, start, start + size],
    )
    return found.to_arrow_table().column("place").combine_chunks()
