"""Worked cases through compiled plans: each case is one row of the plan of its day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.load import WrongSource
from amparo.rules.backends.plan import Plan, Target, arrow_schema, compile_plan
from amparo.rules.backends.rowwise.interpret import ask
from amparo.rules.ir.compile import default_schema
from amparo.rules.ir.rulepack import RulePack
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import (
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
    decimals_of,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its place among the cases, its day, and the inputs as Python values."""

    place: int
    decision: str
    on: date
    known_at: datetime | None
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. by_columns: whether the columns gave it, or the interpreter row by row."""

    place: int
    value: Any
    outcome: str | None
    reasons: str
    missing: str
    failed: str | None
    by_columns: bool


def answer_cases(
    pack: RulePack, cases: Sequence[Asked], *, target: Target = "duckdb"
) -> Iterator[Found]:
    """Answer every case by the plan of its decision, day and knowledge."""
    groups: dict[tuple[str, date, datetime | None], list[Asked]] = {}
    for case in cases:
        groups.setdefault((case.decision, case.on, case.known_at), []).append(case)
    schemas: dict[str, Schema] = {}
    for (decision, on, known_at), group in groups.items():
        if decision not in schemas:
            rows = [case.inputs for case in cases if case.decision == decision]
            schemas[decision] = widened(default_schema(pack, [decision]), rows)
        plan = compile_plan(
            pack, [decision], schemas[decision], target=target, on=on, known_at=known_at
        )
        yield from _answer(plan, group)


def _answer(plan: Plan, group: Sequence[Asked]) -> Iterator[Found]:
    decision = plan.decisions[0]
    answers: dict[int, Mapping[str, Any]] = {}
    if decision in plan.compiled:
        known = plan.schema.columns
        rows = [{name: case.inputs.get(name) for name in known} for case in group]
        unheld = {name for case in group for name in case.inputs if name not in known}
        declared = plan.pack.manifest.decision(decision)
        needed = {item.name for item in declared.inputs} if declared is not None else set()
        try:
            source = pa.Table.from_pylist(rows, schema=arrow_schema(plan.schema))
            made = plan.run(source).table if not unheld & needed else None
        except (pa.ArrowInvalid, pa.ArrowTypeError, WrongSource):
            # The case holds what no column of this schema can: it is asked row by row.
            made = None
        answers = {} if made is None else {row["__row"]: row for row in made.to_pylist()}
    for number, case in enumerate(group):
        if number in answers:
            yield _from_columns(plan, decision, case, answers[number])
            continue
        answer = ask(plan.pack, decision, case.inputs, on=plan.on, known_at=plan.known_at)
        yield Found(
            case.place,
            answer.value,
            answer.outcome,
            answer.reasons,
            answer.missing,
            answer.failed,
            by_columns=False,
        )


def _from_columns(plan: Plan, decision: str, case: Asked, row: Mapping[str, Any]) -> Found:
    columns = plan.program.compiled[decision]
    return Found(
        case.place,
        _value(decision, {entry: row[entry] for entry in columns.values}),
        row[f"{decision}#outcome"],
        row[f"{decision}#reasons"],
        row[f"{decision}#missing"],
        row[f"{decision}#failed"],
        by_columns=True,
    )


def _value(decision: str, entries: Mapping[str, Any]) -> Any:
    """Put the entries of a value together again."""
    if decision in entries:
        return entries[decision]
    value: dict[str, Any] = {}
    for name, entry in entries.items():
        holder = value
        *path, last = name.removeprefix(f"{decision}.").split(".")
        for part in path:
            holder = holder.setdefault(part, {})
        holder[last] = entry
    return _with_lists(value)


def _with_lists(value: Any) -> Any:
    """Turn entries named 1, 2, … into the list they are the places of; of nulls alone, null."""
    if not isinstance(value, dict):
        return value
    inner = [_with_lists(entry) for entry in value.values()]
    if list(value) == [str(place) for place in range(1, len(value) + 1)]:
        return None if all(entry is None for entry in inner) else inner
    return dict(zip(value, inner, strict=True))


# Schemas --------------------------------------------------------------------------------------


def widened(schema: Schema, rows: Sequence[Mapping[str, Any]]) -> Schema:
    """Widen a schema so far that it holds the values of given rows."""
    columns = dict(schema.columns)
    for name, kind in schema.columns.items():
        for row in rows:
            columns[name] = _widened(columns.get(name, kind), row.get(name))
    return Schema(columns, schema.without_column)


def _widened(kind: ColumnType, value: Any) -> ColumnType:
    match kind, value:
        case NumberType(), Decimal():
            return replace(
                kind,
                low=min(kind.low, value),
                high=max(kind.high, value),
                scale=max(kind.scale, decimals_of(value)),
            )
        case TextType(), str():
            return replace(kind, max_length=max(kind.max_length, len(value)))
        case DateType(), date():
            return replace(kind, low=min(kind.low, value), high=max(kind.high, value))
        case StructType(), Mapping():
            fields = tuple((field, _widened(of, value.get(field))) for field, of in kind.fields)
            return replace(kind, fields=fields)  # type: ignore[arg-type]  # of scalars scalars
        case ListType(), list():
            most = max(kind.max_items, len(value))
            widest = kind.item
            for item in value:
                widest = _widened(widest, item)  # type: ignore[assignment]  # of its kind
            return replace(kind, item=widest, max_items=most)
        case _:
            return kind
