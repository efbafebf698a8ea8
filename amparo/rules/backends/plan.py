"""A compiled plan: made once per pack, schema, target and dates; run as often as there is data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, TypeAlias

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends import duckdb, spark
from amparo.rules.backends.rowwise.regenerate import regenerated_trace
from amparo.rules.backends.rowwise.samples import Samples
from amparo.rules.backends.rowwise.verify import Verification, compare, likely_values
from amparo.rules.backends.running import Run, RunReport, Source, row_count
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.compile import (
    Program,
    compile_program,
    default_schema,
    program_of_usual,
)
from amparo.rules.ir.nodes import Expr
from amparo.rules.ir.plan import Refusal
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.rulepack import RulePack
from amparo.rules.ir.schema import Schema, Usual
from amparo.rules.ir.types import (
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
)

Target: TypeAlias = Literal["duckdb", "spark"]
MOST_PLANS: Final = 256
# From so many rows on, usual rows are worth a program of their own.
MANY: Final = 5_000


class UnknownTarget(RuleError):
    """There is no backend of that name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Immutable and shared between threads: each run has a connection of its own.

    refusals: the decisions that run in the interpreter, row by row, and why.
    """

    pack: RulePack
    decisions: tuple[str, ...]
    program: Program
    target: Target
    on: date
    known_at: datetime | None
    sql: str

    @property
    def key(self) -> tuple[object, ...]:
        """What a plan is made for; equal keys have equal plans."""
        schema = self.schema.hash
        return (self.pack.hash, self.decisions, schema, self.target, self.on, self.known_at)

    @property
    def schema(self) -> Schema:
        return self.program.schema

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self.program.refusals

    @property
    def compiled(self) -> tuple[str, ...]:
        return tuple(self.program.compiled)

    def run(
        self, source: Source, sink: Path | None = None, *, keep: Sequence[str] = ()
    ) -> RunReport:
        """Compute every decision for every row of an Arrow table or Parquet file.

        sink: a Parquet file to write; without it the report holds the table. keep: columns of the
        source to carry along, such as the number of an award.
        Raises WrongSource for a source that is not of the schema at all.
        """
        return self._new_run(source).run(source, sink, keep)

    def write_columns(self, source: Source, sink: Path, *, usual: Usual | None = None) -> RunReport:
        """Write only what the database computes, asking the interpreter nothing.

        A row whose column ``decision#left`` is true has no answer there. usual: what to take for
        usual rows, instead of what the first rows are like.
        """
        run = self._new_run(source) if usual is None else self._run_with(self.shorter, usual)
        return run.write_columns(source, sink)

    def trace(
        self, decision: str, inputs: Mapping[str, Any], stored: Mapping[str, Any], *, pack_hash: str
    ) -> dict[str, Any]:
        """Regenerate the full trace of a row: the very one a single claim would have got.

        inputs: the row of the snapshot. stored: its row of the result. pack_hash: of the run.
        Raises StoredDiffers, naming both values, where anything comes out another.
        """
        return regenerated_trace(
            self.pack,
            decision,
            self.program.compiled[decision],
            inputs,
            stored,
            pack_hash=pack_hash,
            on=self.on,
            known_at=self.known_at,
        )

    def _new_run(self, source: Source) -> Run:
        """Begin a run; few rows all take the whole program, which is planned once then."""
        return self._run_with(self.shorter if row_count(source) >= MANY else None)

    def _run_with(
        self, shorter: Callable[[Usual], Program | None] | None, usual: Usual | None = None
    ) -> Run:
        return _BACKENDS[self.target].run(
            self.pack,
            self.program,
            self.decisions,
            self.on,
            self.known_at,
            shorter=shorter,
            usual=usual,
        )

    def shorter(self, usual: Usual) -> Program | None:
        """Give the program of the rows that are usual, made when it is first asked for."""
        key = (self.key, usual)
        with _lock:
            if key in _shorter:
                return _shorter[key]
        made = program_of_usual(self.pack, self.program, usual, on=self.on, known_at=self.known_at)
        with _lock:
            _keep(_shorter, key, made)
        return made

    def sql_of_known_rows(self) -> str:
        """Give the SQL for rows of which everything is known; "" where there is none of its own."""
        backend = _BACKENDS[self.target]
        knows = backend.run.knows_usual and bool(self.compiled)
        made = self.shorter(Usual()) if knows else None
        return "" if made is None else backend.statement(made)

    def run_rows(self, rows: Sequence[Mapping[str, Any]]) -> RunReport:
        """Compute rows given as Python values, such as the cases of a test."""
        return self.run(pa.Table.from_pylist(list(rows), schema=arrow_schema(self.schema)))

    def verify(self, *, sample: int = 1_000, seed: int = 1) -> Verification:
        """Compare columns with the interpreter on rows made from the schema."""
        likely = likely_values(self.pack, self.schema)
        made = [*Samples(self.schema, likely, seed=seed).rows(sample)]
        made += Samples(self.schema, likely, seed=seed, nulls=0).rows(sample // 4)
        return self.verify_rows(made)

    def verify_rows(self, rows: Sequence[Mapping[str, Any]]) -> Verification:
        """Compare columns with the interpreter on given rows, by every program there is."""
        source = pa.Table.from_pylist(list(rows), schema=arrow_schema(self.schema))
        table = self._run_with(None).run(source, None, ()).table
        found = self._compared(rows, table)
        if not _BACKENDS[self.target].run.knows_usual:
            return found
        again = self._run_with(self.shorter, Usual()).run(source, None, ()).table
        if again == table:
            return found
        return self._compared(rows, again)

    def _compared(self, rows: Sequence[Mapping[str, Any]], table: pa.Table | None) -> Verification:
        answers = [] if table is None else table.to_pylist()
        return compare(self.pack, self.program, rows, answers, on=self.on, known_at=self.known_at)


@dataclass(frozen=True, slots=True)
class _Backend:
    """refused: why a database could not hold what an expression needs, if so."""

    run: type[Run]
    statement: Callable[[Program], str]
    refused: Callable[[Expr], Refused | None] | None


_BACKENDS: Final[Mapping[str, _Backend]] = {
    "duckdb": _Backend(duckdb.DuckDbRun, duckdb.statement, None),
    "spark": _Backend(spark.SparkRun, spark.statement, spark.refused),
}
_plans: dict[tuple[object, ...], Plan] = {}
_shorter: dict[tuple[object, ...], Program | None] = {}
_lock = Lock()


def compile_plan(
    pack: RulePack,
    decisions: Sequence[str],
    schema: Schema | None = None,
    *,
    target: Target = "duckdb",
    on: date,
    known_at: datetime | None = None,
) -> Plan:
    """Compile decisions of a pack, or give the plan made before for the same question.

    schema: None takes what the pack's declarations let assume.
    Raises RuleError for a decision the pack does not declare.
    """
    backend = _BACKENDS.get(target)
    if backend is None:
        raise UnknownTarget(
            code="plan.target",
            message=f"There is no backend {target}",
            remedy=f"Use {' or '.join(_BACKENDS)}.",
        )
    schema = schema or default_schema(pack, decisions)
    key = (pack.hash, tuple(decisions), schema.hash, target, on, known_at)
    with _lock:
        known = _plans.get(key)
    if known is not None:
        return known
    program = compile_program(
        pack, decisions, schema, on=on, known_at=known_at, refused_by=backend.refused
    )
    statement = backend.statement(program)
    plan = Plan(pack, tuple(decisions), program, target, on, known_at, statement)
    with _lock:
        _keep(_plans, key, plan)
    return plan


def _keep(known: dict[Any, Any], key: object, made: object) -> None:
    """Add what was made; beyond a number the oldest goes."""
    while len(known) >= MOST_PLANS:
        del known[next(iter(known))]
    known[key] = made


def arrow_schema(schema: Schema) -> pa.Schema:
    """Give the Arrow types in which a schema's columns are written."""
    return pa.schema([(name, _arrow_type(kind)) for name, kind in schema.columns.items()])


def _arrow_type(kind: ColumnType) -> pa.DataType:
    match kind:
        case NumberType():
            return pa.decimal128(kind.digits, kind.scale)
        case BooleanType():
            return pa.bool_()
        case DateType():
            return pa.date32()
        case ListType():
            return pa.list_(_arrow_type(kind.item))
        case StructType():
            return pa.struct([(name, _arrow_type(inner)) for name, inner in kind.fields])
        case _:
            return pa.string()
