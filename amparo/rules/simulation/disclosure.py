"""A simulation over real people, told so that nobody is named in it.

Counts by kind of person: kinds with few people are put together. Single cases: their references
give way to numbers, a kind put together is said instead of their own, and days of birth are hidden
but for the year. What is left is still about somebody: it is kept and read as personal data.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from amparo.rules.simulation.results import Affected, Group, Simulation

LEAST: Final = 5
_REGISTER: Final = "register."
_DAY: Final = re.compile(r"(\d{4})(-\d\d-\d\d)")
_HIDDEN: Final = "-··-··"


def pseudonymous(found: Simulation) -> Simulation:
    """Give a simulation without references, without small groups, without days of birth."""
    together = {kind: _together(groups) for kind, groups in found.groups.items()}
    return replace(
        found,
        groups={kind: groups for kind, (groups, _) in together.items()},
        affected=tuple(
            _unnamed(one, number, {kind: names for kind, (_, names) in together.items()})
            for number, one in enumerate(found.affected, start=1)
        ),
    )


def _together(groups: Sequence[Group]) -> tuple[tuple[Group, ...], Mapping[str, str]]:
    """Put groups of fewer than LEAST together, with the next larger where they are too few still.

    Gives the groups, and for each name the one it is counted under.
    """
    few = [group for group in groups if group.cases < LEAST]
    if not few:
        return tuple(groups), {}
    larger = sorted((group for group in groups if group not in few), key=lambda one: one.cases)
    while larger and sum(group.cases for group in few) < LEAST:
        few.append(larger.pop(0))
    inside = [group for group in groups if group in few]
    name = ", ".join(group.name for group in inside)
    one = Group(
        name=name,
        cases=sum(group.cases for group in inside),
        winners=sum(group.winners for group in inside),
        won=sum((group.won for group in inside), Decimal(0)),
        losers=sum(group.losers for group in inside),
        lost=sum((group.lost for group in inside), Decimal(0)),
        same=sum(group.same for group in inside),
        unknown=sum(group.unknown for group in inside),
    )
    rest = tuple(group for group in groups if group not in few)
    return (*rest, one), {group.name: name for group in inside}


def _unnamed(one: Affected, number: int, names: Mapping[str, Mapping[str, str]]) -> Affected:
    return replace(
        one,
        reference=str(number),
        sex=names["sex"].get(one.sex, one.sex),
        age_band=names["age"].get(one.age_band, one.age_band),
        region=names["region"].get(one.region, one.region),
        before_traces=tuple(_hidden(trace) for trace in one.before_traces),
        after_traces=tuple(_hidden(trace) for trace in one.after_traces),
    )


def _hidden(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Hide month and day of each date that the register tells, and of its anniversaries."""
    days = {
        found[2]
        for fact in trace["inputs"]
        if fact["source"].startswith(_REGISTER)
        and isinstance(fact["value"], str)
        and (found := _DAY.fullmatch(fact["value"]))
    }
    kept = {"on", "known_at", "parameters", "pack", "schema"}
    return {name: value if name in kept else _without(value, days) for name, value in trace.items()}


def _without(value: Any, days: set[str]) -> Any:
    if isinstance(value, str):
        return _DAY.sub(
            lambda day: f"{day[1]}{_HIDDEN}" if day[2] in days else day[0],
            value,
        )
    if isinstance(value, Mapping):
        return {name: _without(item, days) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without(item, days) for item in value]
    return value
