"""Run a program over Arrow or Parquet: columns by a database, what is left by the interpreter."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.emitter import ROW, Emitter
from amparo.rules.backends.load import BAD, kept, load, load_usual
from amparo.rules.backends.rowwise.interpret import Answer, as_json, ask, laid_out
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.compile import Program, result_columns
from amparo.rules.ir.graph import UNDETERMINED, DecisionColumns
from amparo.rules.ir.plan import Columns
from amparo.rules.ir.rulepack import RulePack
from amparo.rules.ir.schema import Usual

Source: TypeAlias = "pa.Table | Path"
BATCH: Final = 50_000


class UnequalAnswers(RuleError):
    """A column and the interpreter differ on a row: nothing of the run may be used."""


@dataclass
class RunReport:
    """rows: of the source. set_aside: rows that broke the schema, per column; not computed.

    by_interpreter: per decision, the rows the interpreter answered (all, for a refused decision).
    failed: per decision and code, the rows for which there is no answer but an error.
    quarantine: number and column of every row set aside. table: the results, unless written.
    """

    rows: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    by_interpreter: Counter[str] = field(default_factory=Counter)
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    quarantine: list[tuple[int, str]] = field(default_factory=list)
    table: pa.Table | None = None


class Run(ABC):
    """One run; it has a connection of its own.

    shorter: gives the program of usual rows, where there is one. None: every row takes the whole
    program. usual: what to take for usual, instead of what the first rows are like.
    """

    knows_usual: ClassVar[bool] = False

    def __init__(
        self,
        pack: RulePack,
        program: Program,
        decisions: Sequence[str],
        on: date,
        known_at: datetime | None,
        *,
        shorter: Callable[[Usual], Program | None] | None,
        usual: Usual | None = None,
    ) -> None:
        self.pack = pack
        self.program = program
        self.decisions = decisions
        self.on = on
        self.known_at = known_at
        self.shorter = shorter
        self.usual = usual
        self.report = RunReport()

    def run(self, source: Source, sink: Path | None, keep: Sequence[str]) -> RunReport:
        """Compute and write; see ``Plan.run``."""
        if sink is not None and self.wrote_all(source, sink, keep):
            return self.report
        usual = (self._counted(batch) for batch in self.usual_batches(source, keep))
        others = (self._finished(batch, keep) for batch in self.batches(source, keep))
        self._write(chain(usual, others), sink)
        return self.report

    def write_columns(self, source: Source, sink: Path) -> RunReport:
        """Write what the database computes and no more; see ``Plan.write_columns``."""
        names = [name for made in self.program.compiled.values() for name in result_columns(made)]
        usual = (self._as_columns(batch) for batch in self.usual_batches(source, ()))
        others = (self._without_bad(batch) for batch in self.batches(source, ()))
        self._write((batch.select([ROW, *names]) for batch in chain(usual, others)), sink)
        return self.report

    def wrote_all(
        self,
        source: Source,  # noqa: ARG002
        sink: Path,  # noqa: ARG002
        keep: Sequence[str],  # noqa: ARG002
    ) -> bool:
        """Let the database write the result itself, where it settles every row; say if it did."""
        return False

    def usual_batches(
        self,
        source: Source,  # noqa: ARG002
        keep: Sequence[str],  # noqa: ARG002
    ) -> Iterator[pa.RecordBatch]:
        """Give the rows that a shorter program settles, laid out as in the result.

        Asked for before ``batches``, which then gives the other rows. A backend may have none.
        """
        yield from ()

    @abstractmethod
    def batches(self, source: Source, keep: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Give the rows of the source with __row, __bad, results, inputs and what is kept."""

    def query_of_usual(
        self,
        emitter: Emitter,
        program: Program,
        given: pa.Schema,
        absent: Iterable[str],
        keep: Sequence[str],
        *,
        in_words: bool,
        define: Callable[[str, str], None],
        stated: Callable[[Columns, str, Sequence[str]], str],
    ) -> str:
        """Write the query of the usual rows, laid out as the result.

        program: the shorter one. A row that is not usual is not among them. in_words: texts come
        as words of a list, which is for files alone. define, stated: as of ``whole_query``.
        """
        wanted, carried = program.schema.columns, _kept_names(keep)
        define("rows", load_usual(emitter, "source", given, wanted, absent, keep))
        rows, tests = "rows", list(program.tests.values())
        if tests:
            rows = "asked"
            define(rows, stated(program.checks, "rows", [*wanted, *carried, *tests]))
        results = [name for made in program.compiled.values() for name in result_columns(made)]
        emitter.in_words = frozenset(results if in_words else ())
        define("told", stated(program.columns, rows, [*results, *carried, *tests]))
        chosen = {ROW: ROW, **{name: emitter.quote(_kept_name(name)) for name in keep}}
        for decision in self.decisions:
            chosen.update(self._laid_out_in_sql(emitter, program, decision))
        columns = [f"{text} AS {emitter.quote(name)}" for name, text in chosen.items()]
        return f"SELECT {', '.join(columns)}\n  FROM told"  # noqa: S608 - every name is quoted

    def names_of_result(self, keep: Sequence[str]) -> list[str]:
        """Give the names of all columns of the result."""
        names = {ROW: None, **dict.fromkeys(keep)}
        for decision in self.decisions:
            made = self.program.compiled[decision]
            names |= dict.fromkeys(made.values)
            told = (
                "outcome",
                "reasons",
                "missing",
                "failed",
                *(f"rules of {t}" for t in made.rules),
            )
            names |= dict.fromkeys(f"{decision}#{what}" for what in told)
        return list(names)

    def _laid_out_in_sql(
        self, emitter: Emitter, program: Program, decision: str
    ) -> Iterator[tuple[str, str]]:
        """Name the columns of a decision as the result has them; see ``_laid_out``.

        A row that is left to the interpreter, or has a value that is not allowed, has no outcome.
        """
        made, whole = program.compiled[decision], self.program.compiled[decision]
        for entry, kind in whole.kinds.items():
            value = emitter.quote(made.values[entry])
            yield entry, f"CAST({value} AS {emitter.type_name(kind)})"
        open_ = " OR ".join(map(emitter.quote, (made.left, *program.tests.values())))
        yield (
            f"{decision}#outcome",
            f"CASE WHEN NOT ({open_}) THEN {emitter.quote(made.outcome)} END",
        )
        yield f"{decision}#reasons", emitter.quote(made.reasons)
        is_word = made.outcome in emitter.in_words
        yield f"{decision}#missing", emitter.word("", [""] if is_word else [])
        yield f"{decision}#failed", "CAST(NULL AS VARCHAR)"
        for table, column in made.rules.items():
            yield f"{decision}#rules of {table}", emitter.quote(column)

    def settled(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Give the rows that have an outcome, and a certain one.

        Asked here, for a database would write a condition in terms of the source, and so compute
        everything twice.
        """
        for decision in self.decisions:
            outcome = batch.column(f"{decision}#outcome")
            told = pc.fill_null(pc.not_equal(outcome, UNDETERMINED), False)  # noqa: FBT003
            if told.true_count < batch.num_rows:
                batch = batch.filter(told)
        return batch

    def whole_query(
        self,
        emitter: Emitter,
        given: pa.Schema,
        keep: Sequence[str],
        *,
        define: Callable[[str, str], None],
        stated: Callable[[Columns, str, Sequence[str]], str],
    ) -> str:
        """Chain load, range checks, allowed values and rules; give the query of the last.

        define: names a query for those after it. stated: turns columns over a named relation into
        a query for these results.
        """
        program = self.program
        wanted = dict(program.schema.columns)
        names, carried = list(wanted), _kept_names(keep)
        define("loaded", load(emitter, "source", given, wanted, keep))
        define("typed", kept(emitter, "loaded", names, BAD, keep))
        tests = list(program.tests.values())
        define("asked", stated(program.checks, "typed", [BAD, *names, *carried, *tests]))
        reasons = " ".join(
            f"WHEN {emitter.quote(test)} THEN {emitter.text_literal(name)}"
            for name, test in program.tests.items()
        )
        bad = f"coalesce({BAD}, CASE {reasons} END)" if reasons else BAD
        define("rows", kept(emitter, "asked", names, bad, keep))
        results = [name for made in program.compiled.values() for name in result_columns(made)]
        chosen = [BAD, *dict.fromkeys([*results, *names, *carried])]
        return stated(program.columns, "rows", chosen)

    # Batches ------------------------------------------------------------------------------

    def _finished(self, batch: pa.RecordBatch, keep: Sequence[str]) -> pa.RecordBatch:
        """Set aside what broke the schema, and let the interpreter answer what is left."""
        batch = self._without_bad(batch)
        columns: dict[str, pa.Array] = {ROW: batch.column(ROW)}
        columns.update({name: batch.column(_kept_name(name)) for name in keep})
        for decision in self.decisions:
            compiled = self.program.compiled.get(decision)
            if compiled is None:
                columns.update(self._interpreted(batch, decision))
            else:
                columns.update(self._completed(batch, decision, compiled))
        return pa.record_batch(columns)

    def _counted(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self.report.rows += batch.num_rows
        return batch

    def _as_columns(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Name the columns of settled rows as the whole program does."""
        batch = self._counted(batch)
        columns = {ROW: batch.column(ROW)}
        for decision, made in self.program.compiled.items():
            columns |= {name: batch.column(entry) for entry, name in made.values.items()}
            columns[made.outcome] = batch.column(f"{decision}#outcome")
            columns[made.reasons] = batch.column(f"{decision}#reasons")
            for table, name in made.rules.items():
                columns[name] = batch.column(f"{decision}#rules of {table}")
            columns[made.left] = pa.repeat(pa.scalar(value=False), batch.num_rows)
        return pa.record_batch(columns)

    def _without_bad(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self.report.rows += batch.num_rows
        bad = batch.column(BAD)
        if bad.null_count < batch.num_rows:
            for number, reason in zip(batch.column(ROW).to_pylist(), bad.to_pylist(), strict=True):
                if reason is not None:
                    self.report.set_aside[reason] += 1
                    self.report.quarantine.append((number, reason))
            batch = batch.filter(pc.is_null(bad))
        return batch

    def _inputs(self, batch: pa.RecordBatch, decision: str, rows: pa.Array) -> list[dict[str, Any]]:
        declared = self.pack.manifest.decision(decision)
        names = [item.name for item in declared.inputs] if declared is not None else []
        names = [name for name in names if name in self.program.schema.columns]
        if not names:
            return [{} for _ in range(len(rows))]
        chosen: list[dict[str, Any]] = batch.select(names).take(rows).to_pylist()
        return chosen

    def _ask(self, decision: str, inputs: Mapping[str, Any]) -> Answer:
        answer = ask(self.pack, decision, inputs, on=self.on, known_at=self.known_at)
        self.report.by_interpreter[decision] += 1
        if answer.failed is not None:
            self.report.failed[decision, answer.failed] += 1
        return answer

    def _interpreted(self, batch: pa.RecordBatch, decision: str) -> dict[str, pa.Array]:
        """Answer every row of a refused decision; its value is JSON text."""
        every = pa.array(range(batch.num_rows), pa.int64())
        answers = [self._ask(decision, row) for row in self._inputs(batch, decision, every)]
        texts = [None if answer.failed is not None else as_json(answer.value) for answer in answers]
        return {
            f"{decision}#json": pa.array(texts, pa.string()),
            f"{decision}#outcome": pa.array([item.outcome for item in answers], pa.string()),
            f"{decision}#reasons": pa.array([item.reasons for item in answers], pa.string()),
            f"{decision}#missing": pa.array([item.missing for item in answers], pa.string()),
            f"{decision}#failed": pa.array([item.failed for item in answers], pa.string()),
        }

    def _completed(
        self, batch: pa.RecordBatch, decision: str, columns: DecisionColumns
    ) -> dict[str, pa.Array]:
        """Take the columns, and replace or complete the rows that only the interpreter can say."""
        names = [*columns.values.values(), columns.outcome, columns.reasons]
        names += columns.rules.values()
        found = {name: batch.column(name) for name in names}
        left = batch.column(columns.left)
        unknown = pc.equal(found[columns.outcome], UNDETERMINED)
        rows = pc.indices_nonzero(pc.or_(left, unknown))
        if not len(rows):
            return _laid_out(decision, columns, found, _no_text(batch), _null_text(batch))
        missing: list[str] = [""] * batch.num_rows
        failed: list[str | None] = [None] * batch.num_rows
        answers = [
            laid_out(self._ask(decision, row), decision, columns.kinds)
            for row in self._inputs(batch, decision, rows)
        ]
        places = rows.to_pylist()
        for place, answer in zip(places, answers, strict=True):
            missing[place], failed[place] = answer.missing, answer.failed
        self._replace(found, columns, left, dict(zip(places, answers, strict=True)))
        texts = pa.array(missing, pa.string()), pa.array(failed, pa.string())
        return _laid_out(decision, columns, found, *texts)

    def _replace(
        self,
        found: dict[str, pa.Array],
        columns: DecisionColumns,
        left: pa.Array,
        answers: Mapping[int, Answer],
    ) -> None:
        is_left = left.to_pylist()
        wanted: list[tuple[str, Any]] = [
            (column, lambda answer, entry=entry: answer.values.get(entry))
            for entry, column in columns.values.items()
        ]
        wanted += [
            (columns.outcome, lambda answer: answer.outcome),
            (columns.reasons, lambda answer: answer.reasons),
        ]
        for column, read in wanted:
            values = found[column].to_pylist()
            for place, answer in answers.items():
                value = read(answer)
                if not is_left[place] and value != values[place]:
                    raise UnequalAnswers(
                        code="run.unequal",
                        message=f"The column {column} is not what the interpreter says",
                        remedy="Use nothing of this run, and report the pack's hash.",
                        where=f"row {place} of a batch, pack {self.pack.hash[:12]}",
                    )
                values[place] = value
            found[column] = pa.array(values, found[column].type)
        for column in columns.rules.values():
            values = found[column].to_pylist()
            for place in answers:
                if is_left[place]:
                    values[place] = None
            found[column] = pa.array(values, found[column].type)

    def _write(self, batches: Iterator[pa.RecordBatch], sink: Path | None) -> None:
        if sink is None:
            made = list(_alike(batches))
            self.report.table = pa.Table.from_batches(made).sort_by(ROW) if made else None
            return
        writer: pq.ParquetWriter | None = None
        for batch in _alike(batches):
            if writer is None:
                # Words come again and again and have a dictionary; amounts hardly do.
                words = [field.name for field in batch.schema if pa.types.is_string(field.type)]
                writer = pq.ParquetWriter(sink, batch.schema, use_dictionary=words)
            writer.write_batch(batch)
        if writer is not None:
            writer.close()


def row_count(source: Source) -> int:
    rows: int = pq.read_metadata(source).num_rows if isinstance(source, Path) else source.num_rows
    return rows


def _alike(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give every batch the column types of the first; each holds the values of the others."""
    schema: pa.Schema | None = None
    for batch in batches:
        # A file may say of a column that it has no null, and the next rows have.
        schema = schema or pa.schema([field.with_nullable(True) for field in batch.schema])  # noqa: FBT003
        yield batch if batch.schema.equals(schema) else batch.cast(schema)


def _laid_out(
    decision: str,
    columns: DecisionColumns,
    found: Mapping[str, pa.Array],
    missing: pa.Array,
    failed: pa.Array,
) -> dict[str, pa.Array]:
    """Name the columns of a decision as the result has them."""
    named = {entry: found[column] for entry, column in columns.values.items()}
    named[f"{decision}#outcome"] = found[columns.outcome]
    named[f"{decision}#reasons"] = found[columns.reasons]
    named[f"{decision}#missing"] = missing
    named[f"{decision}#failed"] = failed
    for table, column in columns.rules.items():
        named[f"{decision}#rules of {table}"] = found[column]
    return named


def _no_text(batch: pa.RecordBatch) -> pa.Array:
    return pa.repeat(pa.scalar("", pa.string()), batch.num_rows)


def _null_text(batch: pa.RecordBatch) -> pa.Array:
    return pa.nulls(batch.num_rows, pa.string())


def _kept_name(name: str) -> str:
    return f"kept {name}"


def _kept_names(keep: Sequence[str]) -> list[str]:
    return [_kept_name(name) for name in keep]
