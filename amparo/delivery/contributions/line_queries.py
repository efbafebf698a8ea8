"""One wage line with what stands of it, and whose it may be while it waits in suspense."""

from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from amparo.delivery.contributions.models import WageLine
from amparo.delivery.contributions.queries import NoSuchWageLine
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register.models import Person
from amparo.register.naming import identifier_form
from amparo.register.queries import persons_by_identifier, summaries_of
from amparo.register.records import PersonSummary
from amparo.values import Access, Month, Right

# Who is worth a look: the best of those who worked there and have no line.
_SHOWN: Final = 10
_CONSIDERED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who worked for the employer and has no line. likeness: 0 to 100."""

    person: PersonSummary
    likeness: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStanding:
    """A line that is no difference itself. wage: with all its differences."""

    wage_line_id: UUID
    declaration_id: UUID
    declaration_number: str
    original_id: UUID
    month: Month
    line_number: int
    declared_identifier: str
    declared_name: str
    declared_wage: Decimal
    wage: Decimal
    state: str
    person: PersonSummary | None
    candidates: tuple[Candidate, ...]


_CANDIDATES: Final = """
SELECT DISTINCT e.person_id
FROM register_employment e
WHERE e.employer_id = %(employer)s AND e.superseded_at IS NULL
  AND e.starts_on < %(ends_before)s AND (e.ends_before IS NULL OR e.ends_before > %(starts_on)s)
  AND NOT EXISTS (
    SELECT FROM contributions_wageline w
    JOIN contributions_declaration d ON d.id = w.declaration_id
    WHERE w.person_id = e.person_id AND w.corrects_id IS NULL
      AND %(original)s IN (d.id, d.corrects_id))
LIMIT %(count)s
"""


def line_standing(*, wage_line_id: UUID, access: Access) -> LineStanding:
    """Return a line with what stands of it; in suspense, with whose it may be.

    Raises NoSuchWageLine, also for a difference: the line that it corrects is the one to look at.
    """
    with reading(access=access, right=Right.DECLARATION_READ, details={"wage_line": wage_line_id}):
        line = (
            WageLine.objects.select_related("declaration")
            .filter(id=wage_line_id, corrects=None)
            .first()
        )
        if line is None:
            raise NoSuchWageLine(
                _("There is no wage line at this address. Open it from its declaration.")
            )
        if line.person_id is not None:
            # Whose line it is shows only now; the person's list of readers must show it too.
            record(
                kind="read",
                access=access,
                subject_kind="person",
                subject_id=line.person_id,
                details={"wage_line": line.id, "right": Right.DECLARATION_READ.value},
            )
        differences = WageLine.objects.filter(corrects=line).values_list("wage", flat=True)
        found = summaries_of(person_ids=[line.person_id]) if line.person_id else {}
        return LineStanding(
            wage_line_id=line.id,
            declaration_id=line.declaration_id,
            declaration_number=line.declaration.number,
            original_id=line.declaration.corrects_id or line.declaration_id,
            month=Month.of(line.declaration.month),
            line_number=line.line_number,
            declared_identifier=line.declared_identifier,
            declared_name=line.declared_name,
            declared_wage=line.wage,
            wage=sum(differences, line.wage),
            state=line.state,
            person=next(iter(found.values()), None),
            candidates=_candidates(line) if line.state == "suspense" else (),
        )


def worker_named(*, typed: str, access: Access) -> PersonSummary | None:
    """Return who bears a person's number or an identifier; None where nobody or several do."""
    with reading(access=access, right=Right.DECLARATION_READ, details={"looked_for": "worker"}):
        plain = Replace("number", Value("-"), Value(""))
        numbered = Person.objects.annotate(plain=plain).filter(plain=identifier_form(typed))
        person_id = numbered.values_list("id", flat=True).first() or persons_by_identifier(
            values={typed}
        ).get(typed)
        if person_id is None:
            return None
        record(
            kind="read",
            access=access,
            subject_kind="person",
            subject_id=person_id,
            details={"right": Right.DECLARATION_READ.value},
        )
        return summaries_of(person_ids=[person_id]).get(person_id)


def _candidates(line: WageLine) -> tuple[Candidate, ...]:
    """Return who worked there in the month and has no line, the likest first."""
    month = Month.of(line.declaration.month)
    with connection.cursor() as cursor:
        cursor.execute(
            _CANDIDATES,
            {
                "employer": line.declaration.employer_id,
                "starts_on": month.starts_on,
                "ends_before": month.ends_before,
                "original": line.declaration.corrects_id or line.declaration_id,
                "count": _CONSIDERED,
            },
        )
        people = summaries_of(person_ids=[person_id for (person_id,) in cursor.fetchall()])
    found = [
        Candidate(person=person, likeness=_likeness(line, person)) for person in people.values()
    ]
    found.sort(key=lambda one: (-one.likeness, one.person.number))
    return tuple(found[:_SHOWN])


def _likeness(line: WageLine, person: PersonSummary) -> int:
    """Return how alike the better of name and identifier is, in whole hundredths."""
    pairs = (
        (line.declared_identifier, person.national_id),
        (line.declared_name.casefold(), person.name.casefold()),
    )
    # Matched characters of both texts, counted in whole numbers: no fraction decides anything here.
    return max(
        (
            200
            * sum(
                block.size
                for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
            )
            // (len(one) + len(other))
            for one, other in pairs
            if one and other
        ),
        default=0,
    )
