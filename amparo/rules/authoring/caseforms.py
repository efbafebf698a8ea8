"""Worked cases as a form asks them: one field a fact, where each fact is a single value.

What a form does not ask (who signed it, a tolerance, an entry of a list) stays as the case has it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from amparo.rules.authoring.workedcases import case_texts, written
from amparo.rules.feel.types import ContextType, base_of
from amparo.rules.packs.manifest import DeclaredDecision
from amparo.rules.packs.pack import Pack

SCALARS: Final = ("number", "string", "boolean", "date")
NUMBER: Final = re.compile(r"-?\d{1,34}(\.\d{1,34})?")
# Of a decision about a right, the form asks for the outcome and its reasons instead of these.
_ASKED_OTHERWISE: Final = "eligibility"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a form asks of a case: facts and entries of the result, each with its kind.

    asks_outcome: whether the decision grants or refuses.
    """

    decision: str
    facts: Mapping[str, str]
    entries: Mapping[str, str]
    asks_outcome: bool


@dataclass(frozen=True, slots=True)
class TypedCase:
    """A case as typed: "" for a fact that is not known and an entry that is not looked at."""

    id: str
    effective: str
    facts: Mapping[str, str]
    entries: Mapping[str, str]
    outcome: str
    reasons: tuple[str, ...]


def shape_of(pack: Pack, decision: str) -> Shape | None:
    """Give what a form asks of a decision's cases; None where a fact is no single value."""
    declared = pack.manifest.decision(decision)
    if declared is None or any(item.type not in SCALARS for item in declared.inputs):
        return None
    asks_outcome = declared.kind == _ASKED_OTHERWISE
    entries = {} if asks_outcome else _entries(pack, declared)
    if not asks_outcome and not entries:
        return None
    facts = {item.name: item.type for item in declared.inputs}
    return Shape(decision, facts, entries, asks_outcome)


def _entries(pack: Pack, declared: DeclaredDecision) -> dict[str, str]:
    kind = base_of(pack.library.elements[pack.library.key_of(declared.name)].kind)
    if isinstance(kind, ContextType):
        named = {name: base_of(of).name for name, of in kind.fields}
        return {name: of for name, of in named.items() if of in SCALARS}
    return {declared.name: kind.name} if kind.name in SCALARS else {}


def shapes_of_cases(pack: Pack) -> dict[str, bool]:
    """Give each worked case of a pack, and whether a form can show it."""
    shapes = {one.name: shape_of(pack, one.name) for one in pack.manifest.decisions}
    return {
        identifier: (shape := shapes.get(decision_of(text))) is not None
        and typed_case(text, shape) is not None
        for identifier, text in case_texts(pack.files).items()
    }


def decision_of(text: str) -> str:
    """Give the decision that a case asks."""
    return str(json.loads(text, parse_float=Decimal)["decision"])


def typed_case(text: str, shape: Shape) -> TypedCase | None:
    """Give a case as its form shows it; None where it holds what the form cannot show."""
    content = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    facts, expected = content.get("inputs", {}), content.get("expected", {})
    is_shown = (
        facts.keys() <= shape.facts.keys()
        and (shape.asks_outcome or expected.keys() <= shape.entries.keys())
        and all(not isinstance(value, dict | list) for value in facts.values())
        and (shape.asks_outcome or all(not isinstance(v, dict | list) for v in expected.values()))
    )
    if not is_shown:
        return None
    return TypedCase(
        id=content["id"],
        effective=content["effective"],
        facts={name: _shown(facts.get(name)) for name in shape.facts},
        entries={name: _shown(expected.get(name)) for name in shape.entries},
        outcome=content.get("outcome", ""),
        reasons=tuple(content.get("reasons", ())),
    )


def case_of(typed: TypedCase, shape: Shape, *, before: str = "") -> str:
    """Write a case as its JSON. before: the case it takes the place of, whose other parts stay.

    The values must be of their kinds: what is typed is checked where it is typed.
    """
    content: dict[str, Any] = json.loads(
        before or '{"id": "", "decision": "", "origin": "signed"}',
        parse_float=Decimal,
        parse_int=Decimal,
    )
    content |= {
        "id": typed.id,
        "decision": shape.decision,
        "effective": typed.effective,
        "inputs": _values(typed.facts, shape.facts, content.get("inputs", {})),
    }
    if shape.asks_outcome:
        content.setdefault("expected", {})
        content["outcome"] = typed.outcome
        if typed.reasons:
            content["reasons"] = list(typed.reasons)
        elif content.get("reasons"):  # an empty list stays: it expects that there is none
            del content["reasons"]
        if typed.outcome != "undetermined":
            content.pop("missing", None)
    else:
        content["expected"] = _values(typed.entries, shape.entries, content.get("expected", {}))
    return written(content)


def _values(
    typed: Mapping[str, str], kinds: Mapping[str, str], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the values as typed; one that was left as it is stays to the digit, and in its place."""
    names = dict.fromkeys((*before, *typed))
    kept = {name for name in before if _shown(before[name]) == typed[name]}
    return {
        name: before[name] if name in kept else _value(typed[name], kinds[name])
        for name in names
        if name in kept or typed[name]
    }


def _value(text: str, kind: str) -> Any:
    match kind:
        case "number":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case _:
            return text


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
