"""A plan in words: what is a column, what is not and why, what was assumed, and the SQL."""

from collections.abc import Iterator

from amparo.rules.backends.plan import Plan
from amparo.rules.ir.plan import Refusal
from amparo.rules.ir.types import (
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
    kind_name,
)


def explain_plan(plan: Plan, *, in_full: bool) -> str:
    """Write the plan as text; in full with the assumed columns and the SQL."""
    lines = [f"pack {plan.pack.hash[:12]}, law of {plan.on.isoformat()}, target {plan.target}"]
    for decision in plan.compiled:
        columns = ", ".join(plan.program.compiled[decision].values)
        lines.append(f"  in columns: {decision} ({columns})")
    for refusal in plan.refusals:
        lines += _refused(refusal)
    lines.append(f"{len(plan.compiled)} in columns, {len(plan.refusals)} row by row")
    if in_full:
        lines += ["", "columns of the source:", *_assumed(plan), "", plan.sql]
        shorter = plan.sql_of_known_rows()
        if shorter:
            lines += ["", "rows of which everything is known take a shorter program:", "", shorter]
    return "\n".join(lines) + "\n"


def _refused(refusal: Refusal) -> Iterator[str]:
    yield f"  row by row: {refusal.decision}: {refusal.reason}. {refusal.remedy}"
    if refusal.where:
        found = refusal.span and refusal.source[refusal.span.start : refusal.span.end].strip()
        near = f" at “{' '.join(found.split())}”" if found else ""
        yield f"    in {refusal.where}{near}"


def _assumed(plan: Plan) -> Iterator[str]:
    for name, kind in plan.schema.columns.items():
        yield f"  {name}: {_words(kind)}"


def _words(kind: ColumnType) -> str:
    match kind:
        case NumberType():
            words = f"number from {kind.low:f} to {kind.high:f}, {kind.scale} decimals"
        case TextType():
            words = f"string of at most {kind.max_length} characters"
        case DateType():
            words = f"date from {kind.low.isoformat()} to {kind.high.isoformat()}"
        case ListType():
            words = f"list of at most {kind.max_items} of ({_words(kind.item)})"
        case StructType():
            words = "; ".join(f"{name}: {_words(inner)}" for name, inner in kind.fields)
        case _:
            words = kind_name(kind)
    return f"{words}, may be null" if kind.nullable else words
