"""The people a change of the law is tried on: the caseload, or everybody registered.

Whoever reads the register does it under a mandate, and the journal keeps that they did.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings

from amparo.delivery.claims import caseload
from amparo.register.described import Described
from amparo.rules.packs import Pack
from amparo.rules.simulation.population import (
    DAY_SOURCES,
    Population,
    UnusablePopulation,
    population_of,
    schema_of,
)
from amparo.values import Access, age_on


def of_the_caseload(*, packs: Sequence[Pack], benefit: str, on: date, access: Access) -> Population:
    """Take the cases of the benefit, each with the facts frozen in its latest decisions."""
    cases = caseload.caseload(scheme=packs[-1].scheme, benefit=benefit, on=on, access=access)
    wanted = _sources(packs, benefit)
    rows = []
    for case in cases:
        known = {**_of_birth(case.person.birth_date, on), **_of_the_day(case.contingency_on)}
        stated = {name: known[source] for name, source in wanted.items() if source in known}
        rows.append({**(stated if case.is_taken_on else {}), **case.facts})
    taken_on = sum(case.is_taken_on for case in cases)
    origin = f"the register's caseload ({taken_on:,} of them taken on, their facts unknown)"
    return population_of(
        rows,
        [_about(case.person, case.reference) for case in cases],
        packs=packs,
        benefit=benefit,
        origin=origin if taken_on else "the register's caseload",
        taken_on=taken_on,
    )


def of_everybody(*, packs: Sequence[Pack], benefit: str, on: date, access: Access) -> Population:
    """Take everybody registered, as if each claimed on the day.

    Raises UnusablePopulation where the packs ask for what the register does not say of everybody.
    """
    wanted = _sources(packs, benefit)
    said = {
        **_of_the_day(on),
        **_of_birth(None, on),
        **dict.fromkeys(("register.sex", "register.district", "register.is_resident")),
    }
    unsaid = [name for name, source in wanted.items() if source not in said]
    if unsaid:
        raise UnusablePopulation(
            code="population.register",
            message=f"The register does not say of everybody: {', '.join(unsaid)}",
            remedy="Simulate over the caseload, a file, or a population made up.",
        )
    people = caseload.everybody(on=on, access=access)
    rows: list[Mapping[str, Any]] = []
    for person in people:
        known = {
            **_of_the_day(on),
            **_of_birth(person.birth_date, on),
            "register.sex": person.sex or None,
            "register.district": person.district or None,
            "register.is_resident": person.country == settings.COUNTRY if person.country else None,
        }
        rows.append({name: known[source] for name, source in wanted.items()})
    return population_of(
        rows,
        [_about(person, person.number) for person in people],
        packs=packs,
        benefit=benefit,
        origin="everybody registered",
    )


def _sources(packs: Sequence[Pack], benefit: str) -> dict[str, str]:
    """Give the source of every input the packs ask for, but for what they can compute."""
    asked = schema_of(packs, benefit).columns
    return {
        item.name: item.source
        for pack in reversed(packs)
        for item in pack.manifest.inputs
        if item.name in asked and not item.is_result
    }


def _of_the_day(day: date) -> dict[str, Any]:
    return dict.fromkeys(DAY_SOURCES, day)


def _of_birth(born: date | None, on: date) -> dict[str, Any]:
    return {
        "register.date_of_birth": born,
        "register.year_of_birth": born and born.year,
        "register.age": None if born is None else age_on(birth_date=born, on=on),
    }


def _about(person: Described, reference: str) -> dict[str, Any]:
    return {
        "reference": reference,
        "sex": person.sex or None,
        "birth_date": person.birth_date,
        "region": person.district or None,
    }
