"""What a change of the law would do: two packs over one population, compared case by case.

Owns: asking both packs through compiled plans, costs, winners and losers, distribution, the cases
most affected with their traces, and populations made up where there is none to ask.
Must never know: the database, the clock, Django, where a population comes from.
"""

from amparo.rules.simulation.compare import CannotCompare, simulate
from amparo.rules.simulation.population import About, Population, read_population
from amparo.rules.simulation.results import Affected, Distribution, Group, Side, Simulation

__all__ = [
    "About",
    "Affected",
    "CannotCompare",
    "Distribution",
    "Group",
    "Population",
    "Side",
    "Simulation",
    "read_population",
    "simulate",
]
