"""Freeze facts and answers into JSON so that they thaw to exactly the same values.

JSON knows neither decimals nor dates. A number is therefore written {"number": "12.50"} and a date
{"date": "2024-02-29"}; text, booleans and null stand for themselves, lists stay lists, and a
context is {"context": {…}} so that it cannot be mistaken for a tagged value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


class CannotBeFrozen(Exception):
    """A value of a kind that decisions do not take, such as a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInput:
    """One fact given to a decision, with the place it came from.

    value: None when the fact is not known. source: "register.date_of_birth", "claim", "account.…".
    fact_ids: the register facts it rests on; empty for what is not in the register.
    """

    value: Any
    source: str
    fact_ids: tuple[UUID, ...] = ()


def freeze(value: Any) -> Any:
    """Return the JSON form of a value; raise CannotBeFrozen for floats and other strangers."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return {"number": str(value)}
        case int():
            return {"number": str(Decimal(value))}
        case date() if not isinstance(value, datetime):
            return {"date": value.isoformat()}
        case Mapping():
            return {"context": {str(key): freeze(each) for key, each in value.items()}}
        case list() | tuple():
            return [freeze(each) for each in value]
    raise CannotBeFrozen(
        f"A decision cannot keep a value of type {type(value).__name__}. "
        "Give numbers as Decimal, dates as date, and text, truth values, lists or contexts."
    )


def thaw(frozen: Any) -> Any:
    """Return the value that `freeze` was given, numbers as Decimal."""
    match frozen:
        case {"number": str(text)}:
            return Decimal(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"context": dict(items)}:
            return {key: thaw(each) for key, each in items.items()}
        case list():
            return [thaw(each) for each in frozen]
        case _:
            return frozen


def freeze_inputs(inputs: Mapping[str, DecisionInput]) -> dict[str, Any]:
    return {
        name: {
            "value": freeze(given.value),
            "source": given.source,
            "facts": [str(fact_id) for fact_id in given.fact_ids],
        }
        for name, given in sorted(inputs.items())
    }


def thaw_inputs(frozen: Mapping[str, Any]) -> dict[str, DecisionInput]:
    """Return the inputs sorted by name, the order in which `decide` gave them to the pack."""
    return {
        name: DecisionInput(
            value=thaw(kept["value"]),
            source=kept["source"],
            fact_ids=tuple(UUID(fact_id) for fact_id in kept["facts"]),
        )
        for name, kept in sorted(frozen.items())
    }
