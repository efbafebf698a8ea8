"""One row through the interpreter, laid out as the columns of a plan."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.numbers import number_text
from amparo.rules.feel.temporal import DaysDuration, MonthsDuration
from amparo.rules.ir.rulepack import Result, RulePack
from amparo.rules.ir.types import (
    BooleanType,
    ColumnType,
    DateType,
    DaysType,
    MonthsType,
    NumberType,
    TextType,
    decimals_of,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decision came to. values: entries by dotted name. failed: the code of its error.

    value: the whole, for a decision that has no columns of its own.
    """

    values: Mapping[str, Any]
    value: Any
    outcome: str | None
    reasons: str
    missing: str
    failed: str | None


def ask(
    pack: RulePack,
    decision: str,
    inputs: Mapping[str, object],
    *,
    on: date,
    known_at: datetime | None,
) -> Answer:
    """Ask the interpreter. An error of the pack or its inputs is part of the answer."""
    try:
        result = pack.evaluate(decision, inputs, on=on, known_at=known_at, trace=False)
    except RuleError as error:
        return Answer({}, None, None, "", "", error.code)
    return answer_of(result, decision)


def answer_of(result: Result, decision: str) -> Answer:
    """Give a result of the interpreter as an answer."""
    return Answer(
        dict(entries_of(result.value, decision)),
        result.value,
        result.outcome,
        " ".join(reason.code for reason in result.reasons),
        " ".join(result.missing),
        None,
    )


def entries_of(value: Any, name: str) -> list[tuple[str, Any]]:
    """Give the entries of a value by dotted name; a plain value has its own name."""
    if isinstance(value, list):
        return [
            pair
            for place, inner in enumerate(value, start=1)
            for pair in entries_of(inner, f"{name}.{place}")
        ]
    if isinstance(value, Mapping):
        return [
            pair for entry, inner in value.items() for pair in entries_of(inner, f"{name}.{entry}")
        ]
    return [(name, value)]


def entry_of(answer: Answer, decision: str, name: str) -> Any:
    """Follow a dotted name into an answer; null has null entries."""
    value = answer.value
    if name == decision:
        return value
    for part in name.removeprefix(f"{decision}.").split("."):
        if isinstance(value, list) and part.isdigit() and 1 <= int(part) <= len(value):
            value = value[int(part) - 1]
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            return None
    return value


# The code of an answer that no row of the result can hold, such as a list where others have one
# number, or more digits than its column. The value is then left out, and somebody has to look.
UNHELD: Final = "result.shape"


def laid_out(answer: Answer, decision: str, kinds: Mapping[str, ColumnType]) -> Answer:
    """Give the answer as the columns hold it. kinds: the type of each entry's column."""
    if answer.failed is not None:
        return answer
    values = {name: column_value(entry_of(answer, decision, name)) for name in kinds}
    told = {name for name, value in entries_of(answer.value, decision) if value is not None}
    told = {name for name in told if not name.startswith(f"{decision}.reasons.")}
    is_held = told <= set(kinds) or answer.value is None
    if is_held and all(_holds(kinds[name], value) for name, value in values.items()):
        return replace(answer, values=values)
    return replace(answer, values=dict.fromkeys(kinds), failed=UNHELD)


def _holds(kind: ColumnType, value: Any) -> bool:  # noqa: PLR0911 - one line per kind
    match value:
        case None:
            return True
        case Decimal():
            return isinstance(kind, NumberType) and _holds_number(kind, value)
        case bool():
            return isinstance(kind, BooleanType)
        case int():
            return isinstance(kind, MonthsType | DaysType)
        case str():
            return isinstance(kind, TextType)
        case date():
            return isinstance(kind, DateType)
        case _:
            return False


def _holds_number(kind: NumberType, value: Decimal) -> bool:
    whole = len(str(abs(int(value))))
    return decimals_of(value) <= kind.scale and whole <= kind.whole_digits


def column_value(value: Any) -> Any:
    """Give a value as its column holds it: durations as their number of months or days."""
    match value:
        case MonthsDuration():
            return value.months
        case DaysDuration():
            return int(value.seconds) // 86_400
        case _:
            return value


def as_json(value: Any) -> str:
    """Write a value as JSON text: numbers, dates and durations as text, nothing lost."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return number_text(value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
        case _:
            return str(value)
