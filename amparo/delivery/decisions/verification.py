"""What must hold of decisions: they never change, and can be made again (invariant 1)."""

from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from amparo.delivery.decisions.freezing import freeze, thaw_inputs
from amparo.delivery.decisions.tracing import trace_text
from amparo.rules.book.queries import PackAltered, version
from amparo.values.verification import Check, Cursor, Finding, triggers_hold

# All decisions while they are few; then every n-th, so that the same ones are drawn every time.
_SAMPLE: Final = 2_000
_DRAWN: Final = """
SELECT id, pack_version_id, decision_name, on_date, known_at, inputs, outcome, value, missing, trace
FROM (
  SELECT *, row_number() OVER (ORDER BY decided_at, id) AS n, count(*) OVER () AS total
  FROM decisions_decision WHERE pack_version_id IS NOT NULL
) d
WHERE n %% greatest(1, total / %s) = 0
ORDER BY n LIMIT %s
"""


class _Kept(NamedTuple):
    """The columns of _DRAWN, in their order."""

    id: UUID
    pack_version_id: UUID
    decision_name: str
    on_date: date
    known_at: datetime
    inputs: dict[str, Any]
    outcome: str
    value: Any
    missing: list[Any]
    trace: str


def _reproduce(cursor: Cursor) -> Finding:
    """Decide the drawn decisions again, with the kept pack and facts, and compare to the byte."""
    cursor.execute(_DRAWN, [_SAMPLE, _SAMPLE])
    drawn = [_Kept._make(row) for row in cursor.fetchall()]
    differing = [str(kept.id) for kept in drawn if not _is_the_same_again(kept)]
    return Finding(rows=len(drawn), violations=len(differing), examples=tuple(differing[:10]))


def _is_the_same_again(kept: "_Kept") -> bool:
    try:
        pack = version(version_id=kept.pack_version_id).pack
    except PackAltered:
        return False
    again = pack.evaluate(
        kept.decision_name,
        {name: given.value for name, given in thaw_inputs(kept.inputs).items()},
        on=kept.on_date,
        known_at=kept.known_at,
        trace=True,
    )
    made = (again.outcome, freeze(again.value), list(again.missing), trace_text(again.trace))
    return (kept.outcome, kept.value, kept.missing, kept.trace) == made


CHECKS: Final[tuple[Check, ...]] = (
    Check(invariant=1, name="decisions made again come out the same, to the byte", run=_reproduce),
    triggers_hold(invariant=1, trigger="append_only_rows", tables=("decisions_decision",)),
)
