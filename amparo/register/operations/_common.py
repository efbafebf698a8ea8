"""What the register's operations share: anchors locked, events written, constraints explained."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from psycopg import errors

from amparo.register import days
from amparo.register.identities import refuse_merged
from amparo.register.models import Employer, FactGrounds, Person, Vitals
from amparo.register.records import EVIDENCE, Grounds, Origin
from amparo.values import Access, is_readable


class NobodyThere(Exception):
    """The register holds no such person, employer, household or fact."""


class UnableToGround(Exception):
    """A fact was to be written without saying why, or on evidence of no known kind."""


class ImpossibleLife(Exception):
    """What was said contradicts what is known: a parent born after the child, work after death."""


# How sure a fact is by the evidence it was written on; a court and an office outrank a word.
_CONFIDENCE_OF: Final = {"own-statement": "stated"}


def by_officer(
    *,
    access: Access,
    at: datetime,
    source_id: UUID | None = None,
    grounds: Grounds | None = None,
    confidence: str = "",
) -> Origin:
    """Return the origin of what an officer writes down.

    confidence: where it is not given, that of the evidence in `grounds`.
    """
    if not confidence and grounds is not None:
        confidence = _CONFIDENCE_OF.get(grounds.evidence, "documented")
    return Origin(
        source="officer",
        source_id=source_id,
        recorded_by=access.actor_id,
        at=at,
        confidence=confidence,
    )


def possible_lives() -> AbstractContextManager[None]:
    """Say what to do where the database finds that a fact contradicts a birth, a death or a tie."""
    return explained(
        {
            "a_parent_is_older": ImpossibleLife(
                _("A parent would be born after the child. Check both births and who is whose.")
            ),
            "a_tie_is_among_the_living": ImpossibleLife(
                _(
                    "The tie would begin before the birth or after the death of one of the two. "
                    "Check the day, or correct the birth or the death first."
                )
            ),
            "the_living_work": ImpossibleLife(
                _(
                    "The work would begin before the person's birth or after their death. "
                    "Check the day, or correct the birth or the death first."
                )
            ),
            "nobody_descends_from_themselves": ImpossibleLife(
                _("The person would be their own ancestor. Check who is whose parent.")
            ),
            "nobody_is_their_own_relative": ImpossibleLife(
                _("Nobody is their own parent, spouse or guardian. Choose the other person.")
            ),
            "nobody_represents_themselves": ImpossibleLife(
                _("Nobody represents themselves. Choose the other person.")
            ),
        }
    )


def ground(
    *, person_id: UUID, fact_id: UUID, grounds: Grounds | None, access: Access, at: datetime
) -> None:
    """Keep why a fact was written, where it was said."""
    if grounds is None:
        return
    if not is_readable(grounds.reason) or grounds.evidence not in EVIDENCE:
        raise UnableToGround(
            _("Say on which evidence you write this, and why: whoever reads the history needs it.")
        )
    FactGrounds(
        fact_id=fact_id,
        person_id=person_id,
        evidence=grounds.evidence,
        reference=grounds.reference.strip(),
        reason=grounds.reason.strip(),
        recorded_at=at,
        recorded_by=access.actor_id,
    ).save(force_insert=True)


def lock_person(person_id: UUID, *, may_be_merged: bool = False) -> None:
    """Let changes to one person happen one after the other.

    may_be_merged: for who corrects or ends what stands on a merged record already; anything new is
    written on the surviving one. Raises NobodyThere, MergedIntoAnother.
    """
    if not Person.objects.select_for_update().filter(pk=person_id).exists():
        raise NobodyThere(
            _("There is no person with the id %(id)s. Search for the person again.")
            % {"id": person_id}
        )
    if not may_be_merged:
        refuse_merged(person_id=person_id)


def check_start(*, person_id: UUID, starts_on: date | None, at: datetime) -> None:
    """Raise ImpossibleDay where a fact of the person cannot begin on the day; inside `reading`."""
    births = Vitals.objects.filter(person_id=person_id, superseded_at=None)
    born = births.values_list("birth_date", flat=True).first()
    days.check_start(starts_on, birth_date=born, on=localdate(at))


def lock_employer(employer_id: UUID) -> None:
    """Let changes to one employer happen one after the other."""
    if not Employer.objects.select_for_update().filter(pk=employer_id).exists():
        raise NobodyThere(
            _("There is no employer with the id %(id)s. Search for the employer again.")
            % {"id": employer_id}
        )


def life_events(
    *,
    kind: str,
    on_date: date,
    facts: Iterable[tuple[UUID | None, UUID | None, UUID]],
    at: datetime,
) -> None:
    """Append what happened; facts: (person_id, employer_id, fact_id).

    Plain SQL: the model's own INSERT would ask for the new key back, which is a read.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO register_lifeevent"
            " (person_id, employer_id, kind, on_date, fact_id, recorded_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [(person, employer, kind, on_date, fact, at) for person, employer, fact in facts],
        )


@contextmanager
def explained(constraints: Mapping[str, Exception]) -> Iterator[None]:
    """Turn a violated constraint into the error that tells a person what to do."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        name = cause.diag.constraint_name if isinstance(cause, errors.Error) else None
        if name is None or name not in constraints:
            raise
        raise constraints[name] from error
