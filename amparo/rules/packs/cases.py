"""Worked cases: what somebody outside the engine says a decision must come to."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from amparo.rules.packs.errors import UnusablePack

EFFECTIVE: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
WEEK: Final = re.compile(r"\d{4}-W\d\d")


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """expected: entries of the value that must agree; others are not looked at.

    outcome, reasons, missing: checked where the case gives them.
    """

    id: str
    decision: str
    origin: str
    effective: date
    known_at: datetime | None
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    tolerance: Decimal
    outcome: str | None
    reasons: tuple[str, ...] | None
    missing: tuple[str, ...] | None


def read_cases(text: str, *, where: str) -> Iterator[WorkedCase]:
    """Read cases, one JSON object a line, numbers as decimals. Raises UnusablePack."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _case(line, f"{where}, line {number}")


def _case(line: str, where: str) -> WorkedCase:
    try:
        content = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        return WorkedCase(
            id=content["id"],
            decision=content["decision"],
            origin=content["origin"],
            # A year may be written as a number.
            effective=effective_date(str(content["effective"])),
            known_at=_moment(content.get("known_at")),
            inputs=content["inputs"],
            expected=content.get("expected", {}),
            tolerance=Decimal(content.get("tolerance", 0)),
            outcome=content.get("outcome"),
            reasons=_texts(content.get("reasons")),
            missing=_texts(content.get("missing")),
        )
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
        raise UnusablePack(
            code="case.unreadable",
            message=f"The case cannot be read: {error}",
            remedy="A case has id, decision, origin, effective, inputs and expected.",
            where=where,
        ) from error


def effective_date(text: str) -> date:
    """Read YYYY, YYYY-MM, YYYY-MM-DD or YYYY-Www; what is left out is the first.

    A week starts on its Monday, as ISO 8601 has it.
    """
    if WEEK.fullmatch(text):
        return date.fromisoformat(f"{text}-1")
    match = EFFECTIVE.fullmatch(text)
    if match is None:
        message = f"effective is {text}, not YYYY-MM-DD or YYYY-Www"
        raise ValueError(message)
    return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else datetime.combine(moment.date(), time(), UTC)


def _texts(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
