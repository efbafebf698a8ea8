"""Simulations as a list: of a draft, or of exactly the content that somebody decides about."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.interfaces.web import formats
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.rules.book.queries import SimulationListed, simulations_of_content
from amparo.rules.packs import Pack
from amparo.values import Access


def simulations_table(
    found: Sequence[SimulationListed], *, current: str, query: QueryDict, links: bool = True
) -> Table:
    """List simulations. current: the content that is proposed or being written now."""
    return Table(
        name="simulations",
        caption=_("Simulations"),
        columns=(
            Column(title=_("On the day"), kind="day", key="on"),
            Column(title=_("People")),
            Column(title=_("Cases"), kind="number"),
            Column(title=_("More or less a month"), kind="money"),
            Column(title=_("Against version")),
            Column(title=_("Content"), kind="identifier"),
            Column(title=_("By")),
            Column(title=_("Made"), kind="instant", key="made"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.on,
                        href=reverse("web:simulation", args=[one.simulation_id]) if links else "",
                        note=one.benefit,
                    ),
                    Cell(value=people_in_words(one.population)),
                    Cell(value=one.cases),
                    Cell(value=one.difference, note=one.currency),
                    Cell(value=one.base_version),
                    Cell(
                        value=one.content_hash[:12],
                        note=_("of this content")
                        if one.content_hash == current
                        else _("of revision %(number)s") % {"number": one.revision},
                    ),
                    Cell(value=one.made_by),
                    Cell(value=one.made_at),
                ),
                emphasis="" if one.content_hash == current else "am-former",
            )
            for one in found
        ],
        empty=_("Nobody has simulated this content."),
        query=query,
    )


def of_this_content(pack: Pack, *, access: Access, query: QueryDict, links: bool) -> Table:
    """List the simulations of exactly the content that somebody decides about."""
    found = simulations_of_content(content_hash=pack.hash, access=access)
    return simulations_table(found, current=pack.hash, query=query, links=links)


def people_in_words(population: Mapping[str, Any]) -> str:
    """Say whom a simulation asked."""
    if population["kind"] == "caseload":
        return _("the register's caseload")
    if population["kind"] == "everybody":
        return _("everybody registered")
    return ngettext(
        "%(count)s person made up, seed %(seed)s",
        "%(count)s people made up, seed %(seed)s",
        population["count"],
    ) % {"count": formats.figure(population["count"]), "seed": population["seed"]}
