"""The proof by trial: interpreter = DuckDB = Spark, row by row, over packs and generated rules.

    python -m tests.equality.proof --rows 10000000 --interpreter 1000000 --seed 7

DuckDB and Spark compute every row; the interpreter computes as many as it is asked. One unequal
row ends it with exit code 1, the row, both answers and the interpreter's trace. The times of the
machine aside, the same seed gives the same rows.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.plan import Plan, Target, compile_plan
from amparo.rules.backends.rowwise.interpret import ask, laid_out
from amparo.rules.backends.spark.session import why_unavailable
from amparo.rules.ir.compile import default_schema
from amparo.rules.ir.schema import Schema, Usual
from amparo.rules.ir.types import ColumnType, NumberType
from amparo.rules.packs import Pack, load_pack
from amparo.rules.trace import explain, explain_text
from tests.architecture.source import PROJECT
from tests.equality.rows import BATCH, write_rows
from tests.rules.backends.small import COLUMNS, pack_of_many
from tests.rules.backends.test_constructs import GROUPS

DAYS: Final = (date(2019, 12, 31), date(2024, 2, 29), date(2025, 6, 1), date(2026, 1, 1))
MOST_IN_A_FILE: Final = 1_000_000
FEWEST: Final = 2_000
EXPRESSIONS: Final = 12
# Rules whose operands and results fill the 34 digits there are.
SEVENTEEN: Final = Decimal(10) ** 17 - 1
EDGE: Final = Decimal(10) ** 34 - 1
WIDE: Final[Mapping[str, ColumnType]] = {
    **COLUMNS,
    "n": NumberType(-SEVENTEEN, SEVENTEEN, 0, nullable=True),
    "m": NumberType(-SEVENTEEN, SEVENTEEN, 0, nullable=True),
    "k": NumberType(-EDGE, EDGE, 0, nullable=True),
}
WIDE_RULES: Final = (
    "n * m",
    "max(k, n)",
    "if k > n * m then n else m",
    "abs(k)",
    "-k",
    "n * m = k",
    "decimal(n / 7, 2)",
    "round half up(m / 9, 2)",
    "modulo(n, 13)",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A pack to be tried. rules: of a generated one, else the folder's own."""

    name: str
    on: date
    folder: Path | None = None
    rules: tuple[str, ...] = ()

    def pack(self) -> Pack:
        return load_pack(self.folder) if self.folder else pack_of_many(self.rules)

    def plan(self, target: Target) -> Plan:
        """Compile what both databases hold; the same decisions for each."""
        pack = self.pack()
        names = [item.name for item in pack.manifest.decisions]
        if self.folder:
            schema = default_schema(pack, names)
        else:
            schema = Schema(WIDE if self.rules == WIDE_RULES else COLUMNS)
        held = compile_plan(pack, names, schema, target="spark", on=self.on).compiled
        return compile_plan(pack, held, schema, target=target, on=self.on)


@dataclass
class Count:
    """Rows seen equal, and answers: a row times its decisions."""

    rows: int = 0
    answers: int = 0
    left: int = 0
    set_aside: int = 0


class Unequal(Exception):
    """A row on which two of the three differ."""


def subjects(seed: int) -> list[Subject]:
    pick = random.Random(seed)  # noqa: S311 - samples, not secrets
    folders = sorted(path.parent for path in (PROJECT / "schemes").glob("*/*/*/scheme.toml"))
    found = [
        Subject("/".join(folder.parts[-3:-1]), pick.choice(_days(folder)), folder)
        for folder in folders
    ]
    for name, group in GROUPS.items():
        for start in range(0, len(group), EXPRESSIONS):
            rules = tuple(group[start : start + EXPRESSIONS])
            found.append(Subject(f"{name} {start}", DAYS[2], None, rules))
    found.append(Subject("34 digits", DAYS[2], None, WIDE_RULES))
    return sorted(found, key=_weight)


def _days(folder: Path) -> list[date]:
    """Give the days on which a pack has law: before, every answer is an error."""
    begins = load_pack(folder).valid_from
    return [day for day in DAYS if day >= begins] or [begins]


def shares(found: Sequence[Subject], rows: int) -> list[int]:
    """Give each subject rows by how light it is: the heavy ones cost a hundred times more."""
    weights = [1 / _weight(subject) for subject in found]
    return [max(FEWEST, int(rows * weight / sum(weights)) + 1) for weight in weights]


def _weight(subject: Subject) -> int:
    columns = subject.plan("duckdb").program.columns
    items = sum(len(relation.steps) + 40 for relation in columns.items.values())
    return (len(columns.steps) + 10 + items) ** 2


# Databases ------------------------------------------------------------------------------------


def same_columns(plan: Plan, left: Path, right: Path, source: Path) -> Count:
    """Compare what two databases computed; raise Unequal with the first row that differs."""
    with duckdb.connect() as connection:
        for name, path in (("a", left), ("b", right)):
            connection.read_parquet(str(path)).create_view(name)
        tests = [_differs(plan, decision) for decision in plan.compiled]
        joined = "a FULL JOIN b ON a.__row = b.__row"
        apart = f"a.__row IS NULL OR b.__row IS NULL OR {' OR '.join(tests)}"
        total, left_over, unequal = connection.execute(
            f"SELECT count(*), {_lefts(plan)}, count(*) FILTER ({apart}) FROM {joined}"  # noqa: S608
        ).fetchone() or (0, 0, 0)
        if unequal:
            found = connection.execute(
                f"SELECT coalesce(a.__row, b.__row) FROM {joined} WHERE {apart} ORDER BY 1"  # noqa: S608
            ).fetchone()
            row = found[0] if found else 0
            raise Unequal(_told(plan, source, row, [left, right]))
        answers = total * len(plan.compiled)
        return Count(total, answers - left_over, left_over)


def _lefts(plan: Plan) -> str:
    counts = [
        f"count(*) FILTER (a.{_quoted(made.left)})" for made in plan.program.compiled.values()
    ]
    return " + ".join(counts)


def _differs(plan: Plan, decision: str) -> str:
    """Say in SQL that two rows of columns differ; what is left to the interpreter may."""
    made = plan.program.compiled[decision]
    names = [*made.values.values(), made.outcome, made.reasons, *made.rules.values()]
    tests = " OR ".join(f"a.{_quoted(name)} IS DISTINCT FROM b.{_quoted(name)}" for name in names)
    left = _quoted(made.left)
    return f"NOT a.{left} AND NOT b.{left} AND ({tests})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told(plan: Plan, source: Path, row: int, answers: Sequence[Path]) -> str:
    inputs = _row(source, row)
    lines = [f"pack {plan.pack.hash[:12]}, law of {plan.on}, row {row}: {inputs}"]
    for path in answers:
        table = pq.read_table(path, filters=[("__row", "=", row)]).to_pylist()
        lines.append(f"{path.stem}: {table[0] if table else 'no such row'}")
    for decision in plan.compiled:
        result = plan.pack.evaluate(decision, _asked(plan, decision, inputs), on=plan.on)
        lines.append(f"interpreter: {decision}: {result.outcome} {result.value}")
        trace = getattr(result, "trace", None)
        lines.append(explain_text(explain(trace)) if trace else "")
    return "\n".join(lines)


def _row(source: Path, row: int) -> dict[str, Any]:
    found: list[dict[str, Any]] = pq.read_table(source).slice(row, 1).to_pylist()
    return found[0]


def _asked(plan: Plan, decision: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    declared = plan.pack.manifest.decision(decision)
    names = {item.name for item in declared.inputs} if declared is not None else set()
    return {name: value for name, value in inputs.items() if name in names}


# Interpreter ----------------------------------------------------------------------------------


def same_as_interpreter(
    subject: Subject, source: Path, columns: Path, first: int, last: int
) -> Count:
    """Ask the interpreter the rows from first up to last, and compare with DuckDB's columns."""
    plan = subject.plan("duckdb")
    inputs = pq.ParquetFile(source).read_row_group(first // BATCH).to_pylist()
    inside = [("__row", ">=", first), ("__row", "<", last)]
    count = Count()
    for answer in pq.read_table(columns, filters=inside).to_pylist():
        row = inputs[answer["__row"] - first]
        count.rows += 1
        for decision, made in plan.program.compiled.items():
            if answer[made.left]:
                count.left += 1
                continue
            asked = ask(plan.pack, decision, _asked(plan, decision, row), on=plan.on, known_at=None)
            want = laid_out(asked, decision, made.kinds)
            mine = [answer[name] for name in made.values.values()]
            mine += [answer[made.outcome], answer[made.reasons], None]
            theirs = [want.values.get(entry) for entry in made.values]
            theirs += [want.outcome, want.reasons, want.failed]
            if mine != theirs:
                told = _told(plan, source, answer["__row"], [columns])
                raise Unequal(f"{decision}: {mine} is not {theirs}\n{told}")
            count.answers += 1
    return count


# The whole ------------------------------------------------------------------------------------


def prove(
    found: Sequence[Subject],
    *,
    rows: int,
    interpreted: int,
    seed: int,
    processes: int = 2,
    with_spark: bool = True,
) -> Iterator[tuple[str, Count, Count]]:
    """Try every subject; give its name, the count of the databases and of the interpreter.

    Raises Unequal for the first row that differs.
    """
    counts = shares(found, rows)
    asked = [min(count, count * interpreted // sum(counts) + 500) for count in counts]
    context = get_context("spawn")
    with (
        TemporaryDirectory(prefix="amparo-proof-") as name,
        ProcessPoolExecutor(processes, mp_context=context) as pool,
    ):
        folder = Path(name)
        waiting: list[tuple[str, Count, list[Future[Count]], list[Path]]] = []
        for number, (subject, count, most) in enumerate(zip(found, counts, asked, strict=True)):
            total, tasks, files = Count(), list[Future[Count]](), list[Path]()
            for part, start in enumerate(range(0, count, MOST_IN_A_FILE)):
                size = min(MOST_IN_A_FILE, count - start)
                files = [folder / f"{kind}-{number}-{part}" for kind in ("rows", "duckdb", "spark")]
                _add(total, _databases(subject, files, size, seed + part, with_spark=with_spark))
                upto = min(size, most - start)
                tasks += [
                    pool.submit(
                        same_as_interpreter, subject, files[0], files[1], at, min(at + BATCH, upto)
                    )
                    for at in range(0, upto, BATCH)
                ]
                if upto <= 0:
                    _remove(files[:2])
            waiting.append((subject.name, total, tasks, files[:2]))
            _told_early(task for _, _, earlier, _ in waiting for task in earlier)
            print(f"{subject.name}: {total.rows:,} rows alike in the databases", flush=True)  # noqa: T201
        for title, total, tasks, files in waiting:
            by_interpreter = Count()
            for task in tasks:
                _add(by_interpreter, task.result())
            _remove(files)
            yield title, total, by_interpreter


def _told_early(tasks: Iterable[Future[Count]]) -> None:
    """Raise Unequal as soon as the interpreter has seen one, not when all the rest is done."""
    answered = 0
    for task in tasks:
        if task.done():
            answered += task.result().answers
    print(f"  interpreter = DuckDB so far: {answered:,} answers", flush=True)  # noqa: T201


def _databases(
    subject: Subject, files: Sequence[Path], size: int, seed: int, *, with_spark: bool
) -> Count:
    source, left, right = files
    plan = subject.plan("duckdb")
    if not plan.compiled:
        return Count()
    write_rows(subject.pack(), plan.schema, size, source, seed=seed)
    # Rows of which all is known take the shorter program, and Spark the whole one.
    report = plan.write_columns(source, left, usual=Usual())
    if not with_spark:
        return Count(set_aside=sum(report.set_aside.values()))
    subject.plan("spark").write_columns(source, right)
    found = same_columns(plan, left, right, source)
    found.set_aside = sum(report.set_aside.values())
    _remove([right])
    return found


def _remove(files: Sequence[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)


def _add(total: Count, more: Count) -> None:
    total.rows += more.rows
    total.answers += more.answers
    total.left += more.left
    total.set_aside += more.set_aside


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--interpreter", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    arguments = parser.parse_args()
    missing = why_unavailable()
    with_spark = not missing
    print(f"seed {arguments.seed}" + (f"; without Spark: {missing}" if missing else ""))  # noqa: T201
    began = time.monotonic()
    database, interpreter = Count(), Count()
    try:
        for name, first, second in prove(
            subjects(arguments.seed),
            rows=arguments.rows,
            interpreted=arguments.interpreter,
            seed=arguments.seed,
            with_spark=with_spark,
        ):
            _add(database, first)
            _add(interpreter, second)
            print(  # noqa: T201
                f"{name}: DuckDB = Spark {first.rows:,} rows ({first.set_aside:,} set aside); "
                f"interpreter = DuckDB {second.rows:,} rows",
                flush=True,
            )
    except Unequal as unequal:
        print(f"NOT EQUAL (seed {arguments.seed})\n{unequal}", file=sys.stderr)  # noqa: T201
        return 1
    print(  # noqa: T201
        f"0 unequal. DuckDB = Spark: {database.rows:,} rows, {database.answers:,} answers. "
        f"Interpreter = DuckDB: {interpreter.rows:,} rows, {interpreter.answers:,} answers. "
        f"{time.monotonic() - began:.0f} s, seed {arguments.seed}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
