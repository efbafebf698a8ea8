"""A program as one statement of DuckDB."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.duckdb.dialect import DuckDbEmitter
from amparo.rules.backends.running import BATCH, Run, Source
from amparo.rules.ir.compile import Program, result_columns
from amparo.rules.ir.plan import Columns


def statement(program: Program) -> str:
    """Write the SQL over a relation ``rows`` whose columns have passed the load."""
    results = [name for columns in program.compiled.values() for name in result_columns(columns)]
    return DuckDbEmitter().statement(program.columns, source="rows", results=results)


class DuckDbRun(Run):
    """One statement, streamed in batches; each run has a connection of its own."""

    def batches(self, source: Source, keep: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with duckdb.connect() as connection:
            query = self._query(_register(connection, source), keep)
            yield from connection.sql(query).to_arrow_reader(BATCH)

    def _query(self, given: pa.Schema, keep: Sequence[str]) -> str:
        emitter = DuckDbEmitter()
        tables: list[str] = []

        def define(name: str, query: str) -> None:
            tables.append(f"{name} AS (\n{query}\n)")

        def stated(columns: Columns, source: str, results: Sequence[str]) -> str:
            return emitter.statement(columns, source=source, results=results)

        last = self.chain(emitter, given, keep, define=define, stated=stated)
        head = ",\n".join(tables)
        return f"WITH {head}\nSELECT * FROM (\n{last}\n)"


def _register(connection: duckdb.DuckDBPyConnection, source: Source) -> pa.Schema:
    if isinstance(source, Path):
        literal = DuckDbEmitter().text_literal(str(source))
        connection.sql(f"CREATE VIEW source AS SELECT * FROM read_parquet({literal})")
        return pq.read_schema(source)
    connection.register("source", source)
    return source.schema
