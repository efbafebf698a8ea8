"""`amparo bench rules`: one rule in every way to run it, side by side, on the same rows.

The limit is SQL written by hand for one day (`rules_by_hand`). Every amount of every way of ours
must be the one it gives; a difference ends the benchmark. CPU-seconds count, over all threads (and
over Spark's process), because wall seconds depend on what else the machine does. Ours read Parquet,
test each row against the schema, and write amounts, outcomes, reasons and matched rules; the SQL
written by hand reads the same file and writes amounts alone.

Other engines run when `--others` names the Python of an environment that holds zen-engine,
OpenFisca-Core or policyengine-core; nothing of them is needed or installed here.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import typer
from rich.table import Table

from amparo.interfaces.cli import rules_by_hand as by_hand
from amparo.interfaces.cli.bench import measured_where, put_section
from amparo.interfaces.cli.installation import schemes_folder
from amparo.interfaces.cli.output import progress, results, say, show_json
from amparo.rules.backends import Plan
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.schema import Schema, Usual
from amparo.rules.packs import Pack, load_pack

_BENCHES: Final = Path(__file__).resolve().parents[3] / "benches"
_AVERAGE: Final = "average_indexed_monthly_earnings"
_BENEFIT: Final = "monthly_benefit"
_TRACED: Final = 2_000  # claims whose full trace is timed one by one
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to run a rule. cpu: seconds; wall: where it is told. unequal: None if not compared.

    missing: why it was not run; then nothing else is known.
    """

    name: str
    rows: int = 0
    cpu: float = 0.0
    wall: float | None = None
    unequal: int | None = None
    missing: str = ""


@dataclass(slots=True, kw_only=True)
class Comparison:
    """The ways to run one rule; the first is the hand-written SQL."""

    title: str
    ways: list[Way] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def ratio(self, way: Way) -> float:
        """Say how fast a way is beside the first, by rows per CPU-second."""
        first = self.ways[0]
        return (way.rows / way.cpu) / (first.rows / first.cpu)


def rules(
    *,
    households: Annotated[int, typer.Option(min=1_000, help="Rows of the household benefit.")] = (
        1_000_000
    ),
    claims: Annotated[
        int, typer.Option(min=100, help="Rows for what runs one by one, such as the interpreter.")
    ] = 20_000,
    workers: Annotated[int, typer.Option(min=100, help="Workers of the US pension.")] = 100_000,
    years: Annotated[int, typer.Option(min=1, max=45, help="Years of earnings each.")] = 40,
    large: Annotated[
        int, typer.Option(help="Households of one more run timed by the clock; 10000000 in docs.")
    ] = 0,
    spark: Annotated[bool, typer.Option(help="Run Spark, where it is installed.")] = True,
    others: Annotated[
        Path | None,
        typer.Option(
            metavar="PYTHON",
            exists=True,
            dir_okay=False,
            help="The Python of an environment with zen-engine, OpenFisca-Core, policyengine-core.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write the result into docs/benchmarks.md.")
    ] = False,
) -> None:
    """Run rules compiled, interpreted, by hand and in other engines, and compare every amount."""
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as temporary:
        folder = Path(temporary)
        found = [
            _household_benefit(folder, households, claims, spark=spark, others=others),
            _average_earnings(folder, workers, years, claims),
        ]
        if large:
            found[0].notes.append(_large(folder, large))
    if as_json:
        show_json({"comparisons": [_as_data(one) for one in found]})
    else:
        for one in found:
            results.print(_shown(one))
            for note in one.notes:
                results.print(f"- {note}", highlight=False)
    if write:
        for one in found:
            put_section(one.title, list(_page(one)))
        say("Written to docs/benchmarks.md")


# The rules --------------------------------------------------------------------------------------


def _household_benefit(
    folder: Path, households: int, claims: int, *, spark: bool, others: Path | None
) -> Comparison:
    pack = load_pack(_BENCHES / "household-benefit" / "1")
    source, wanted = folder / "households.parquet", folder / "by-hand.parquet"
    found = Comparison(title=f"Rules: household benefit of {households:,} households")
    with progress.status("Writing households"):
        by_hand.write_households(path=source, count=households)
    with progress.status("Hand-written SQL"):
        found.ways.append(
            _way(
                "SQL by hand, DuckDB",
                households,
                lambda: by_hand.households_by_hand(source=source, sink=wanted),
            )
        )
    expected = _column(wanted, "benefit")
    plan = _compiled(found, pack, ["benefit"], by_hand.HOUSEHOLDS)
    found.ways.append(_columnar("compiled, DuckDB", plan, source, expected, "benefit"))
    rows = _rows(source, claims)
    sample = expected[: len(rows)]
    found.ways += [
        _one_by_one("Python by hand", rows, sample, by_hand.household_in_python),
        _one_by_one(
            "interpreter, no trace",
            rows,
            sample,
            lambda row: pack.evaluate("benefit", row, on=by_hand.ON, trace=False).value,
        ),
        _one_by_one(
            "interpreter, full trace",
            rows[:_TRACED],
            sample[:_TRACED],
            lambda row: pack.evaluate("benefit", row, on=by_hand.ON).value,
        ),
    ]
    found.notes.append(_slowest_trace(pack, rows))
    if spark:
        found.ways.append(_on_spark(pack, source, expected))
    found.ways += _elsewhere(folder, others, rows, sample)
    return found


def _average_earnings(folder: Path, workers: int, years: int, claims: int) -> Comparison:
    pack = load_pack(schemes_folder() / "us" / "oasdi-retirement" / "1")
    source, wanted = folder / "workers.parquet", folder / "earnings-by-hand.parquet"
    found = Comparison(
        title=f"Rules: us/oasdi-retirement, {workers:,} workers with {years} years of earnings"
    )
    with progress.status("Writing workers"):
        by_hand.write_workers(path=source, count=workers, years=years)
    with progress.status("Hand-written SQL"):
        found.ways.append(
            _way(
                "average earnings: SQL by hand, DuckDB",
                workers,
                lambda: by_hand.earnings_by_hand(pack=pack, source=source, sink=wanted),
            )
        )
    expected = _column(wanted, _AVERAGE)
    plan = _compiled(found, pack, [_AVERAGE], by_hand.WORKERS)
    found.ways.append(
        _columnar("average earnings: compiled, DuckDB", plan, source, expected, _AVERAGE)
    )
    rows = _rows(source, min(claims, _TRACED))
    found.ways.append(
        _one_by_one(
            "average earnings: interpreter, no trace",
            rows,
            expected[: len(rows)],
            lambda row: pack.evaluate(_AVERAGE, row, on=by_hand.ON, trace=False).value,
        )
    )
    whole = _compiled(found, pack, [_BENEFIT], by_hand.WORKERS)
    if whole.refusals:
        found.notes.append(f"{_BENEFIT} runs row by row: {whole.refusals[0].reason}.")
        source = folder / "some-workers.parquet"
        workers = min(claims, _TRACED, workers)
        by_hand.write_workers(path=source, count=workers, years=years)
    how = "row by row" if whole.refusals else "compiled, DuckDB"
    asked = 0

    def run() -> None:
        nonlocal asked
        asked = whole.run(source, folder / "whole.parquet").by_interpreter[_BENEFIT]

    with progress.status(f"{_BENEFIT}, {how}"):
        way = _way(f"{_BENEFIT}: {how}", workers, run, times=1)
    found.ways.append(way)
    found.notes.append(
        f"{_BENEFIT} of {workers:,} workers took {way.wall:.1f} s by the clock; the interpreter "
        f"answered {asked:,} of them."
    )
    return found


def _large(folder: Path, households: int) -> str:
    """Time one run of very many households by the clock, compile time included."""
    pack = load_pack(_BENCHES / "household-benefit" / "1")
    source = folder / "large.parquet"
    with progress.status(f"Writing {households:,} households"):
        by_hand.write_households(path=source, count=households)
    plan = pack.compile(["benefit"], by_hand.HOUSEHOLDS, on=by_hand.ON)
    with progress.status(f"Running {households:,} households"):
        way = _way("", households, lambda: plan.run(source, folder / "large-out.parquet"), times=1)
    return f"{households:,} households in {way.wall:.1f} s by the clock, {way.cpu:.1f} CPU-seconds."


# Measuring --------------------------------------------------------------------------------------


def _way(
    name: str,
    rows: int,
    step: Callable[[], object],
    *,
    times: int = 3,
    cpu: Callable[[], float] = time.process_time,
) -> Way:
    """Run a step so many times and keep the fewest CPU-seconds. cpu: of this process, or more."""
    best: tuple[float, float] | None = None
    for _ in range(times):
        wall, spent = time.perf_counter(), cpu()
        step()
        taken = cpu() - spent, time.perf_counter() - wall
        best = taken if best is None else min(best, taken)
    cpu_seconds, wall_seconds = best or (0.0, 0.0)
    return Way(name=name, rows=rows, cpu=cpu_seconds, wall=wall_seconds)


def _with_children() -> float:
    """Give the CPU-seconds of this process and of those it started, as Spark runs in one."""
    spent = time.process_time()
    parents: dict[int, tuple[int, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parents[int(path.parent.name)] = (int(parts[1]), int(parts[11]) + int(parts[12]))
    own = {os.getpid()}
    for _ in parents:
        more = {pid for pid, (parent, _) in parents.items() if parent in own} - own
        if not more:
            break
        own |= more
    ticks = sum(parents[pid][1] for pid in own - {os.getpid()})
    return spent + ticks / _TICKS


def _compiled(found: Comparison, pack: Pack, decisions: Sequence[str], schema: Schema) -> Plan:
    started = time.perf_counter()
    plan = pack.compile(decisions, schema, on=by_hand.ON)
    whole = time.perf_counter() - started
    plan.shorter(Usual())
    more = time.perf_counter() - started - whole
    found.notes.append(
        f"{', '.join(decisions)} compiled in {whole:.2f} s, and for usual rows in {more:.2f} s."
    )
    return plan


def _columnar(name: str, plan: Plan, source: Path, expected: Sequence[Any], column: str) -> Way:
    sink = source.with_suffix(".out.parquet")
    with progress.status(name):
        way = _way(name, len(expected), lambda: plan.run(source, sink, keep=["number"]))
    return _compared(way, _column(sink, column), expected)


def _on_spark(pack: Pack, source: Path, expected: Sequence[Any]) -> Way:
    name = "compiled, Spark local"
    try:
        plan = pack.compile(["benefit"], by_hand.HOUSEHOLDS, target="spark", on=by_hand.ON)
        sink = source.with_suffix(".spark.parquet")
        with progress.status(name):
            plan.run(source, sink, keep=["number"])  # starts the session
            way = _way(
                name,
                len(expected),
                lambda: plan.run(source, sink, keep=["number"]),
                cpu=_with_children,
            )
    except RuleError as error:
        return Way(name=name, missing=f"not run: {error}")
    return _compared(way, _column(sink, "benefit"), expected)


def _one_by_one(
    name: str, rows: Sequence[Any], expected: Sequence[Any], decide: Callable[[Any], Any]
) -> Way:
    answers: list[Any] = []

    def step() -> None:
        answers[:] = [decide(row) for row in rows]

    with progress.status(name):
        way = _way(name, len(rows), step)
    return _compared(way, answers, expected)


def _compared(way: Way, answers: Sequence[Any], expected: Sequence[Any]) -> Way:
    """Demand that every amount is the hand-written one."""
    differing = sum(mine != theirs for mine, theirs in zip(answers, expected, strict=True))
    if differing:
        message = f"{way.name}: {differing} of {way.rows} amounts differ; the figures mean nothing."
        raise RuntimeError(message)
    return Way(name=way.name, rows=way.rows, cpu=way.cpu, wall=way.wall, unequal=0)


def _slowest_trace(pack: Pack, rows: Sequence[Any]) -> str:
    taken = []
    for row in rows[:_TRACED]:
        started = time.process_time_ns()
        pack.evaluate("benefit", row, on=by_hand.ON)
        taken.append((time.process_time_ns() - started) / 1e6)
    taken.sort()
    middle, slow = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    return (
        f"One claim with its full trace: {middle:.2f} ms in the median, {slow:.2f} ms at the 99th "
        f"percentile of {len(taken):,}."
    )


def _column(path: Path, name: str) -> list[Any]:
    found: list[Any] = pq.read_table(path).sort_by("number").column(name).to_pylist()
    return found


def _rows(path: Path, count: int) -> list[dict[str, Any]]:
    table = pq.read_table(path, filters=pc.field("number") < pa.scalar(count))
    rows: list[dict[str, Any]] = table.sort_by("number").drop_columns(["number"]).to_pylist()
    return rows


def _elsewhere(
    folder: Path, python: Path | None, rows: Sequence[Any], expected: Sequence[Any]
) -> Iterator[Way]:
    """Ask other engines in their own environment; their amounts are binary floats."""
    if python is None:
        for name in ("zen-engine", "OpenFisca-Core", "PolicyEngine core"):
            yield Way(name=name, missing="not asked for: see --others")
        return
    given = folder / "rows.json"
    given.write_text(json.dumps({"rows": rows, "expected": expected}, default=float))
    with progress.status("Other engines"):
        told = subprocess.run(  # noqa: S603 - the interpreter the caller names
            [python, _BENCHES / "others.py", given], capture_output=True, text=True, check=True
        )
    for line in told.stdout.splitlines():
        one = json.loads(line)
        if "seconds" not in one:
            why = f"failed: {one['error']}" if "error" in one else "not installed"
            yield Way(name=one["engine"], missing=why)
            continue
        yield Way(name=one["engine"], rows=one["rows"], cpu=one["seconds"], unequal=one["unequal"])


# Telling ----------------------------------------------------------------------------------------

_HEAD: Final = ("way", "rows", "CPU-seconds", "rows per CPU-second", "of by hand", "unequal")


def _cells(found: Comparison, way: Way) -> tuple[str, ...]:
    if way.missing:
        return (way.name, way.missing, "", "", "", "")
    return (
        way.name,
        f"{way.rows:,}",
        f"{way.cpu:.2f}",
        f"{way.rows / way.cpu:,.0f}",
        f"{found.ratio(way):.3f}",
        "" if way.unequal is None else f"{way.unequal:,}",
    )


def _shown(found: Comparison) -> Table:
    table = Table(*_HEAD, title=found.title)
    for way in found.ways:
        table.add_row(*_cells(found, way))
    return table


def _page(found: Comparison) -> Iterator[str]:
    yield f"{measured_where()}."
    yield ""
    yield "| " + " | ".join(_HEAD) + " |"
    yield "|---|---:|---:|---:|---:|---:|"
    for way in found.ways:
        yield "| " + " | ".join(_cells(found, way)) + " |"
    yield ""
    for note in found.notes:
        yield f"- {note}"


def _as_data(found: Comparison) -> dict[str, Any]:
    return {
        "title": found.title,
        "ways": [
            {"name": way.name, "missing": way.missing}
            if way.missing
            else {
                "name": way.name,
                "rows": way.rows,
                "cpu_seconds": f"{way.cpu:.3f}",
                "rows_per_cpu_second": round(way.rows / way.cpu),
                "of_by_hand": f"{found.ratio(way):.3f}",
                "unequal": way.unequal,
            }
            for way in found.ways
        ],
        "notes": found.notes,
    }
