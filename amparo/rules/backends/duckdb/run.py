"""A program as one statement of DuckDB; usual rows take a shorter one."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final
from uuid import uuid4

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends import levels
from amparo.rules.backends.duckdb.dialect import DuckDbEmitter
from amparo.rules.backends.emitter import ROW, SOURCE_ROW
from amparo.rules.backends.load import check_source
from amparo.rules.backends.running import BATCH, Run, Source, row_count
from amparo.rules.ir.compile import Program, result_columns
from amparo.rules.ir.graph import UNDETERMINED
from amparo.rules.ir.plan import Columns
from amparo.rules.ir.schema import Usual
from amparo.rules.ir.types import ColumnType, ListType, StructType

# The first rows say what is usual: what one in ten of them at most is not.
SAMPLE: Final = 2_000
RARE: Final = 10
_FILE_ROW: Final = "file_row_number"


def statement(program: Program) -> str:
    """Write the SQL over a relation ``rows`` whose columns have passed the load."""
    results = [name for columns in program.compiled.values() for name in result_columns(columns)]
    return levels.statement(DuckDbEmitter(), program.columns, source="rows", results=results)


class DuckDbRun(Run):
    """One statement, streamed in batches; each run has a connection of its own.

    Usual rows come first, in the order of the source; then the others, in that order too.
    """

    knows_usual: ClassVar[bool] = True
    _settled: list[pa.Array] | None = None
    _written: Path | None = None

    def wrote_all(self, source: Source, sink: Path, keep: Sequence[str]) -> bool:
        """Write with one statement from file to file; what is left then is seen in the file."""
        with duckdb.connect() as connection:
            query = self._usual_query(connection, source, keep, in_words=True)
            if query is None:
                return False
            file = sink.with_name(f".{sink.name}.{uuid4().hex}")
            literal = DuckDbEmitter().text_literal(str(file))
            try:
                connection.execute(f"COPY ({query}) TO {literal} (FORMAT parquet)")
            except BaseException:
                file.unlink(missing_ok=True)
                raise
        written = pq.read_metadata(file)
        outcomes = [f"{decision}#outcome" for decision in self.decisions]
        if written.num_rows == row_count(source) and _all_told(written, outcomes):
            self.report.rows = written.num_rows
            file.replace(sink)
            return True
        self._written = file
        return False

    def usual_batches(self, source: Source, keep: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if self._written is not None:
            try:
                yield from self._settled_of(pq.ParquetFile(self._written).iter_batches(BATCH))
            finally:
                self._written.unlink()
            return
        with duckdb.connect() as connection:
            query = self._usual_query(connection, source, keep, in_words=False)
            if query is not None:
                yield from self._settled_of(connection.sql(query).to_arrow_reader(BATCH))

    def _settled_of(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        self._settled = []
        for batch in batches:
            settled = self.settled(batch)
            self._settled.append(settled.column(ROW))
            yield settled

    def _usual_query(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Source,
        keep: Sequence[str],
        *,
        in_words: bool,
    ) -> str | None:
        """Write the query of usual rows; None where there is no shorter program for them."""
        if self.shorter is None or not set(self.decisions) <= set(self.program.compiled):
            return None
        given = _register(connection, source)
        columns = self.program.schema.columns
        check_source(given, columns)
        spelt = [name.casefold() for name in self.names_of_result(keep)]
        if len(set(spelt)) < len(spelt):
            # SQL sees one name where two differ in their case alone.
            return None
        usual = self.usual or what_is_usual(connection, given, columns)
        program = self.shorter(usual)
        if program is None:
            return None

        def write(emitter: DuckDbEmitter, define: "_Define", stated: "_Stated") -> str:
            return self.query_of_usual(
                emitter,
                program,
                given,
                usual.absent,
                keep,
                in_words=in_words,
                define=define,
                stated=stated,
            )

        return _query(write)

    def batches(self, source: Source, keep: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with duckdb.connect() as connection:
            given = _register(connection, source)
            if self._settled is not None:
                if sum(map(len, self._settled)) == row_count(source):
                    return
                _register_others(connection, self._settled)

            def write(emitter: DuckDbEmitter, define: "_Define", stated: "_Stated") -> str:
                return self.whole_query(emitter, given, keep, define=define, stated=stated)

            yield from connection.sql(_query(write)).to_arrow_reader(BATCH)


_Define = Callable[[str, str], None]
_Stated = Callable[[Columns, str, Sequence[str]], str]


def _query(write: Callable[[DuckDbEmitter, _Define, _Stated], str]) -> str:
    """Put named queries and the last one into one statement."""
    emitter = DuckDbEmitter()
    tables: list[str] = []

    def define(name: str, query: str) -> None:
        tables.append(f"{name} AS (\n{query}\n)")

    def stated(columns: Columns, source: str, results: Sequence[str]) -> str:
        return levels.statement(emitter, columns, source=source, results=results)

    last = write(emitter, define, stated)
    head = ",\n".join(tables)
    return f"WITH {head}\nSELECT * FROM (\n{last}\n)"


def _all_told(written: pq.FileMetaData, outcomes: Sequence[str]) -> bool:
    """Say whether the statistics of a file rule out a row without an outcome, or undetermined.

    Of all outcomes "undetermined" is the last in the order of texts.
    """
    for number in range(written.num_row_groups):
        group = written.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            if column.path_in_schema not in outcomes:
                continue
            known = column.statistics
            if known is None or not known.has_min_max or known.null_count != 0:
                return False
            if known.max >= UNDETERMINED:
                return False
    return True


def _register(connection: duckdb.DuckDBPyConnection, source: Source) -> pa.Schema:
    """Make the view ``source``, with the number of every row from 0."""
    schema = pq.read_schema(source) if isinstance(source, Path) else source.schema
    number, taken = "row_number() OVER () - 1", "given"
    if isinstance(source, Path):
        literal = DuckDbEmitter().text_literal(str(source))
        taken = f"read_parquet({literal})"
        if _FILE_ROW not in schema.names:
            taken = f"read_parquet({literal}, {_FILE_ROW} = TRUE)"
            number = _FILE_ROW
    else:
        connection.register("given", source)
    connection.sql(f"CREATE VIEW source AS SELECT *, {number} AS {SOURCE_ROW} FROM {taken}")
    return schema


def _register_others(connection: duckdb.DuckDBPyConnection, settled: Sequence[pa.Array]) -> None:
    """Leave in the view ``source`` the rows that are not settled."""
    rows = pa.chunked_array(settled, pa.int64())
    connection.register("settled", pa.table({SOURCE_ROW: rows}))
    connection.sql("ALTER VIEW source RENAME TO every_row")
    connection.sql(
        f"CREATE VIEW source AS SELECT * FROM every_row ANTI JOIN settled USING ({SOURCE_ROW})"
    )


def what_is_usual(
    connection: duckdb.DuckDBPyConnection, given: pa.Schema, columns: Mapping[str, ColumnType]
) -> Usual:
    """Ask the first rows of the view ``source`` which columns are null, never or sometimes."""
    tests = dict(_null_tests(given, columns))
    absent = {name for name in columns if name not in given.names}
    if not tests:
        return Usual(frozenset(absent))
    counts = [f"count(*) FILTER ({test})" for test in tests.values()]
    sample = f"(SELECT * FROM source LIMIT {SAMPLE})"
    query = f"SELECT count(*), {', '.join(counts)} FROM {sample}"
    rows, *nulls = connection.execute(query).fetchall()[0]
    mixed: set[str] = set()
    for name, null in zip(tests, nulls, strict=True):
        if null * RARE > rows * (RARE - 1) and name in columns:
            absent.add(name)
        elif null * RARE > rows:
            mixed.add(name)
    return Usual(frozenset(absent), frozenset(mixed))


def _null_tests(given: pa.Schema, columns: Mapping[str, ColumnType]) -> Iterator[tuple[str, str]]:
    """Give per column, and per field within, the SQL that it is null, if it may be."""
    emitter = DuckDbEmitter()
    for name, kind in columns.items():
        if name not in given.names:
            continue
        column = emitter.quote(name)
        if kind.nullable:
            yield name, f"{column} IS NULL"
        item = kind.item if isinstance(kind, ListType) else kind
        for field, of in item.fields if isinstance(item, StructType) else ():
            inner = f"x.{emitter.quote(field)} IS NULL"
            if of.nullable and item is not kind:
                yield f"{name}.{field}", f"coalesce({emitter.any_item(column, 'x', inner)}, FALSE)"
            elif of.nullable:
                test = f"{column} IS NOT NULL AND {column}.{emitter.quote(field)} IS NULL"
                yield f"{name}.{field}", test
