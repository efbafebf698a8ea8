"""The trace of a decision as text: the same evaluation always gives the same bytes."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def trace_text(trace: Mapping[str, Any] | None) -> str:
    """Return the trace as JSON in the order the engine wrote it, without blanks.

    The engine writes numbers as text; a float would not read back as it was, so NaN and infinity
    are refused and no float is expected.
    """
    return json.dumps(trace, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def read_trace(text: str) -> dict[str, Any]:
    """Return a kept trace as the engine's explanation takes it."""
    trace: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return trace
