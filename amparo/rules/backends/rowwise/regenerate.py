"""The full trace of a row of a run, made again from what was kept; a difference is an alarm."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from amparo.rules.backends.rowwise.interpret import answer_of, laid_out
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.graph import DecisionColumns
from amparo.rules.ir.rulepack import RulePack


class StoredDiffers(RuleError):
    """What a run stored is not what its pack says of the same facts."""


def regenerated_trace(
    pack: RulePack,
    decision: str,
    columns: DecisionColumns,
    inputs: Mapping[str, object],
    stored: Mapping[str, Any],
    *,
    pack_hash: str,
    on: date,
    known_at: datetime | None,
) -> dict[str, Any]:
    """Decide a row again with its trace: the very one a single claim would have got.

    inputs: the row of the snapshot. stored: the row of the result. pack_hash: of the run.
    Raises StoredDiffers where pack, value, outcome, reasons or matched rules are others.
    """
    if pack.hash != pack_hash:
        raise _alarm(decision, "the pack's hash", pack_hash, pack.hash)
    result = pack.evaluate(decision, inputs, on=on, known_at=known_at, trace=True)
    assert result.trace is not None  # noqa: S101 - it was asked for
    again = laid_out(answer_of(result, decision), decision, columns.kinds)
    pairs: list[tuple[str, Any, Any]] = [
        (entry, stored[entry], again.values.get(entry)) for entry in columns.values
    ]
    pairs += [
        ("outcome", stored[f"{decision}#outcome"], again.outcome),
        ("reasons", stored[f"{decision}#reasons"], again.reasons),
        ("missing", stored[f"{decision}#missing"], again.missing),
        ("failed", stored[f"{decision}#failed"], again.failed),
    ]
    pairs += _rules(decision, columns, stored, result.trace)
    for what, kept, made in pairs:
        if kept != made:
            raise _alarm(decision, what, kept, made)
    return result.trace


def _rules(
    decision: str, columns: DecisionColumns, stored: Mapping[str, Any], trace: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Pair the rules of every table that was asked once: the run keeps none of the others."""
    asked: dict[str, list[list[str]]] = {}
    for made in trace["decisions"]:
        for table in made["tables"]:
            asked.setdefault(table["id"], []).append(table["matched"])
    for table in columns.rules:
        text = stored[f"{decision}#rules of {table}"]
        times = asked.get(table, [])
        if text is not None and len(times) == 1:
            yield f"rules of {table}", text.split(), times[0]


def _alarm(decision: str, what: str, kept: Any, made: Any) -> StoredDiffers:
    return StoredDiffers(
        code="trace.differs",
        message=f"{decision}: {what} is stored as {kept!r}, and regenerated as {made!r}",
        remedy="Use nothing of the run. Compare snapshot, pack and dates, and report the pack.",
        where=decision,
    )
