"""A program as views of a Spark session, from Parquet to Parquet."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends import levels
from amparo.rules.backends.emitter import ROW, SOURCE_ROW
from amparo.rules.backends.running import BATCH, Run, Source
from amparo.rules.backends.spark.dialect import SparkEmitter
from amparo.rules.backends.spark.session import new_session
from amparo.rules.ir.compile import Program, result_columns
from amparo.rules.ir.plan import Columns

# Views one on the other before one is written.
DEEPEST: Final = 12

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def statement(program: Program) -> str:
    """Write the SQL over a relation ``rows`` whose columns have passed the load."""
    results = [name for columns in program.compiled.values() for name in result_columns(columns)]
    return levels.statement(SparkEmitter(), program.columns, source="rows", results=results)


class SparkRun(Run):
    """Views one on the other, with a file where the plan would grow. The rows come in any order."""

    def batches(self, source: Source, keep: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with TemporaryDirectory(prefix="amparo-spark-") as name:
            folder = Path(name)
            path = source if isinstance(source, Path) else _written(source, folder)
            for file in _Views(new_session(), folder).computed(self, path, keep):
                yield from pq.ParquetFile(file).iter_batches(BATCH)


class _Views:
    """The views of one run in a session of its own.

    A view read more than once is written to a file and read back: Spark would compute it as often
    as it is read. So is one in so many: the time and memory that Spark takes to plan a view grow
    with all the views below it, down to the last file.
    """

    def __init__(self, session: "SparkSession", folder: Path) -> None:
        self.session = session
        self.folder = folder
        self.written = 0
        self.depth = 0

    def computed(self, run: Run, path: Path, keep: Sequence[str]) -> list[Path]:
        """Compute everything into Parquet files and give them."""
        given = self.session.read.parquet(str(path))
        numbered = given.selectExpr("*", f"_metadata.row_index AS {SOURCE_ROW}")
        numbered.createOrReplaceTempView("source")
        last = run.whole_query(
            SparkEmitter(), pq.read_schema(path), keep, define=self._define, stated=self._stated
        )
        return sorted(self._file(self.session.sql(last)).glob("part-*.parquet"))

    def _file(self, frame: "DataFrame") -> Path:
        self.written += 1
        path = self.folder / f"view-{self.written}"
        frame.write.parquet(str(path))
        return path

    def _define(self, name: str, query: str, times_used: int = 1) -> None:
        frame = self.session.sql(query)
        self.depth += 1
        if times_used > 1 or self.depth >= DEEPEST:
            self.depth = 0
            frame = self.session.read.parquet(str(self._file(frame)))
        frame.createOrReplaceTempView(name)

    def _stated(self, columns: Columns, source: str, results: Sequence[str]) -> str:
        emitter = SparkEmitter()
        levels.statement(emitter, columns, source=source, results=results)
        for name, query, times_used in emitter.tables:
            self._define(name, query, times_used)
        last = emitter.tables[-1][0] if emitter.tables else source
        chosen = ", ".join(emitter.quote(name) for name in (ROW, *results))
        return f"SELECT {chosen} FROM {emitter.quote(last)}"


def _written(table: pa.Table, folder: Path) -> Path:
    path = folder / "source.parquet"
    pq.write_table(table, path)
    return path
