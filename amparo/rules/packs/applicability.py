"""Which of a scheme's versions decides a case: two dates, and the transitional clauses.

A version applies from a day on, as known from a moment on. Where its law spares some cases
(“claims made before 1 July keep the old rates”), its manifest says so in FEEL, and the cases it
spares stay with the version before it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol, Self, TypeVar

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel.evaluate import Expression
from amparo.rules.feel.parser import parse_expression
from amparo.rules.feel.run import Frame, Run
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.packs.boundary import to_feel
from amparo.rules.packs.errors import UnclearLaw, UnusablePack
from amparo.rules.packs.texts import Table

# What a transitional clause may ask of a case. A date that does not fit the case is null.
FACTS: Final = ("contingency_on", "claimed_on")


@dataclass(frozen=True, slots=True)
class Case:
    """The dates of a case that choose its law. Null: not known, or the case has none.

    contingency_on: the day the right or duty depends on. claimed_on: the day it was claimed.
    """

    contingency_on: date
    claimed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Applicability:
    """The transitional clause of a version. when: FEEL over FACTS. law: its article."""

    when: str
    law: str
    _expression: Expression

    @classmethod
    def read(cls, table: Table) -> Self:
        when = table.string("when")
        law = table.string("law")
        table.finish()
        parsed = parse_expression(when, Scope(NameTable(FACTS)), builtins=BUILTIN_NAMES)
        if parsed.unknown:
            raise UnusablePack(
                code="name.unknown",
                message=f"The clause names {', '.join(parsed.unknown)}",
                remedy=f"It may ask for {' and '.join(FACTS)}.",
                where=table.where,
            )
        return cls(when, law, Expression(parsed))

    def holds(self, case: Case) -> bool | None:
        """Say whether the version is for this case; None where a date it asks for is missing."""
        names = {name: to_feel(getattr(case, name), name=name) for name in FACTS}
        run = Run()
        value = self._expression(Frame(run, names))
        return value if isinstance(value, bool) and not run.unknowns else None


class Dated(Protocol):
    """A version as its keeper holds it, the rule book or a list."""

    @property
    def applies_from(self) -> date: ...

    @property
    def activated_at(self) -> datetime: ...


class Applicable(Protocol):
    """What is asked of a version's rules: whether they are for a case."""

    def applies_to(self, case: Case) -> bool | None: ...


AnyVersion = TypeVar("AnyVersion", bound=Dated)


def version_for(
    case: Case,
    *,
    versions: Iterable[AnyVersion],
    known_at: datetime,
    rules_of: Callable[[AnyVersion], Applicable],
) -> AnyVersion | None:
    """Return the version that decides a case, as known at an instant; None where none does.

    The latest `applies_from` comes first; of the same day, the latest activated. A version whose
    clause spares the case is passed over. Raises UnclearLaw where a clause has no answer: which
    law applies is never guessed.
    """
    known = [
        version
        for version in versions
        if version.applies_from <= case.contingency_on and version.activated_at <= known_at
    ]
    known.sort(key=lambda version: (version.applies_from, version.activated_at), reverse=True)
    for version in known:
        applies = rules_of(version).applies_to(case)
        if applies is None:
            raise UnclearLaw(
                code="version.unclear",
                message=(
                    f"The version from {version.applies_from.isoformat()} is for some cases only, "
                    "and a date it asks for is not known"
                ),
                remedy=f"Give {' and '.join(FACTS)}.",
            )
        if applies:
            return version
    return None
