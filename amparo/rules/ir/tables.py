"""Decision tables to columns: every hit policy whose result has a fixed shape.

Follows ``dmn.tables`` cell by cell. A row holds when every cell says true; a row with a cell that
surely says no is out, whatever the others; any other row with a doubt keeps the result in doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from amparo.rules.dmn.model import DecisionTable
from amparo.rules.feel.values import Value as FeelValue
from amparo.rules.feel.values import equal
from amparo.rules.ir import listing, shapes
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import (
    FALSE,
    NULL,
    TRUE,
    Expr,
    all_of,
    any_of,
    is_null,
    is_true,
    negation,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.values import Context, Listed, Lowered, Value

IN_THE_INTERPRETER: Final = "It runs in the interpreter; nothing need be done."


@dataclass(frozen=True, slots=True)
class TableRow:
    """One rule. cells: answer (may be null), doubt of the cell itself, per column; None: dash.

    handles_null: per column, whether the author thought of null.
    """

    id: str
    cells: tuple[Lowered | None, ...]
    handles_null: tuple[bool, ...]
    outputs: Lowered


@dataclass(frozen=True, slots=True)
class TableResult:
    """matched: the rules that gave the result, each with the rows it did so for.

    several: where more than one rule may have; elsewhere the first that holds is the one.
    """

    result: Lowered
    matched: tuple[tuple[str, Expr], ...]
    several: Expr


def lower_table(
    builder: Builder,
    table: DecisionTable,
    *,
    inputs: Sequence[Lowered],
    rows: Sequence[TableRow],
    default: Lowered | None,
    priorities: Sequence[Sequence[FeelValue]],
    outputs: Sequence[Sequence[FeelValue | None]],
) -> TableResult:
    """Lower a table of lowered cells.

    priorities, outputs: for PRIORITY, the allowed values in order, and what each row gives.
    """
    policy = table.hit_policy
    holding, doubtful = _rows(builder, inputs, rows)
    chosen: Sequence[Expr] = holding
    if policy == "FIRST":
        chosen, doubtful = _first_only(builder, holding, doubtful)
    none = builder.let(negation(any_of(*holding)), "no rule")
    doubt = any_of(*doubtful)
    if policy in ("UNIQUE", "ANY"):
        certain = any_of(
            *(
                all_of(holds, negation(unsure))
                for holds, unsure in zip(holding, doubtful, strict=True)
            )
        )
        doubt = all_of(doubt, negation(certain))
    doubt = any_of(
        doubt,
        *(all_of(holds, row.outputs.doubt) for holds, row in zip(chosen, rows, strict=True)),
    )
    fallback = default or Lowered(NULL)
    doubt = any_of(doubt, all_of(none, fallback.doubt))
    values = [row.outputs.value for row in rows]
    order: Sequence[int] = range(len(rows))
    several: Expr = FALSE
    match policy:
        case "FIRST" | "PRIORITY":
            if policy == "PRIORITY":
                order = _by_priority(priorities, outputs)
            # The first in order that holds is taken, so it need not be asked of the later ones.
            ways = [(holding[place], values[place]) for place in order]
            value = shapes.select(ways, fallback.value)
        case "UNIQUE":
            several = _several(builder, holding)
            value = _unique(several, holding, values, fallback.value)
        case "ANY":
            several = _several(builder, holding)
            value = _any(builder, holding, values, fallback.value)
        case "COLLECT" if table.aggregation:
            several = TRUE
            value = _collected(builder, table.aggregation, holding, values, none, fallback.value)
        case _:
            raise Refused(f"The hit policy {policy} gives a list", IN_THE_INTERPRETER)
    matched = tuple((rows[place].id, holding[place]) for place in order)
    result = Lowered(value, builder.let(doubt, f"{table.id} in doubt"))
    return TableResult(result, matched, several)


def _rows(
    builder: Builder, inputs: Sequence[Lowered], rows: Sequence[TableRow]
) -> tuple[list[Expr], list[Expr]]:
    """Say per rule where it holds, and where a doubt about it counts."""
    holding: list[Expr] = []
    doubtful: list[Expr] = []
    for row in rows:
        answers: list[Expr] = []
        surely_out: list[Expr] = []
        unsure: list[Expr] = []
        for column, cell in enumerate(row.cells):
            if cell is None:
                continue
            asked = builder.let(shapes.column(cell.value), "cell")
            doubt = any_of(inputs[column].doubt, cell.doubt, is_null(asked))
            if not row.handles_null[column]:
                doubt = any_of(doubt, shapes.absent(inputs[column].value))
            doubt = builder.let(doubt, "cell in doubt")
            answers.append(is_true(asked))
            unsure.append(doubt)
            surely_out.append(all_of(negation(is_true(asked)), negation(doubt)))
        holding.append(builder.let(all_of(*answers), row.id))
        counts = all_of(any_of(*unsure), *(negation(item) for item in surely_out))
        doubtful.append(builder.let(counts, f"{row.id} in doubt"))
    return holding, doubtful


def _first_only(
    builder: Builder, holding: Sequence[Expr], doubtful: Sequence[Expr]
) -> tuple[list[Expr], list[Expr]]:
    """The first rule that holds ends the reading: later rules are not asked."""
    found: list[Expr] = []
    counts: list[Expr] = []
    ended: Expr = FALSE
    for holds, unsure in zip(holding, doubtful, strict=True):
        found.append(builder.let(all_of(holds, negation(ended)), "first"))
        counts.append(all_of(unsure, negation(ended)))
        ended = builder.let(any_of(ended, holds), "ended")
    return found, counts


def _first_in(builder: Builder, holding: Sequence[Expr], order: Sequence[int]) -> list[Expr]:
    chosen: list[Expr] = [FALSE] * len(holding)
    ended: Expr = FALSE
    for place in order:
        chosen[place] = builder.let(all_of(holding[place], negation(ended)), "chosen")
        ended = builder.let(any_of(ended, holding[place]), "ended")
    return chosen


def _several(builder: Builder, holding: Sequence[Expr]) -> Expr:
    """Say where more than one rule holds."""
    before: Expr = FALSE
    twice: list[Expr] = []
    for holds in holding:
        twice.append(all_of(holds, before))
        before = builder.let(any_of(before, holds), "some rule")
    return builder.let(any_of(*twice), "several rules")


def _unique(
    several: Expr, holding: Sequence[Expr], values: Sequence[Value], default: Value
) -> Value:
    branches: list[tuple[Expr, Value]] = [(several, NULL)]
    return shapes.select([*branches, *zip(holding, values, strict=True)], default)


def _any(
    builder: Builder, holding: Sequence[Expr], values: Sequence[Value], default: Value
) -> Value:
    """Rules that hold must agree with the first of them, or the result is null."""
    first = _first_in(builder, holding, range(len(holding)))
    differ: list[Expr] = []
    for place, mine in enumerate(first):
        for later in range(place + 1, len(holding)):
            if mine == FALSE or values[place] == values[later]:
                continue
            agree = _agree(builder, values[place], values[later])
            differ.append(all_of(mine, holding[later], negation(agree)))
    conflict = builder.let(any_of(*differ), "rules differ")
    branches: list[tuple[Expr, Value]] = [(conflict, NULL)]
    return shapes.select([*branches, *zip(first, values, strict=True)], default)


def _agree(builder: Builder, left: Value, right: Value) -> Expr:
    if isinstance(left, Context) and isinstance(right, Context):
        return all_of(
            *(_agree(builder, left.entries[name], right.entries[name]) for name in left.entries)
        )
    return shapes.same(builder, left, right)


def _by_priority(
    priorities: Sequence[Sequence[FeelValue]], outputs: Sequence[Sequence[FeelValue | None]]
) -> list[int]:
    """Order the rules by their outputs, which are constants; equal ones keep their order."""

    def rank(value: FeelValue, order: Sequence[FeelValue]) -> int:
        for place, allowed in enumerate(order):
            if equal(value, allowed) is True:
                return place
        return len(order)

    def ranks(place: int) -> tuple[int, ...]:
        return tuple(
            rank(value, order) for value, order in zip(outputs[place], priorities, strict=True)
        )

    return sorted(range(len(outputs)), key=ranks)


def _collected(
    builder: Builder,
    aggregation: str,
    holding: Sequence[Expr],
    values: Sequence[Value],
    none: Expr,
    default: Value,
) -> Value:
    """Fold the outputs of all rules that hold; for none the default stands, or null."""
    source = Listed(tuple(values), tuple(holding))
    if aggregation == "COUNT":
        found = listing.count(builder, source)
    elif aggregation == "SUM":
        found = listing.fold(builder, "sum", source)
    elif aggregation == "MIN":
        found = listing.fold(builder, "min", source)
    else:
        found = listing.fold(builder, "max", source)
    return shapes.select([(none, default)], found)
