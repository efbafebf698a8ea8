"""What the register's operations share: anchors locked, events written, constraints explained."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from psycopg import errors

from amparo.register import days
from amparo.register.models import Employer, FactGrounds, Person, Vitals
from amparo.register.records import EVIDENCE, Grounds, Origin
from amparo.values import Access


class NobodyThere(Exception):
    """The register holds no such person, employer, household or fact."""


class UnableToGround(Exception):
    """A fact was to be written without saying why, or on evidence of no known kind."""


def by_officer(*, access: Access, at: datetime, source_id: UUID | None = None) -> Origin:
    """Return the origin of what an officer writes down."""
    return Origin(source="officer", source_id=source_id, recorded_by=access.actor_id, at=at)


def ground(
    *, person_id: UUID, fact_id: UUID, grounds: Grounds | None, access: Access, at: datetime
) -> None:
    """Keep why a fact was written, where it was said."""
    if grounds is None:
        return
    if not grounds.reason.strip() or grounds.evidence not in EVIDENCE:
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


def lock_person(person_id: UUID) -> None:
    """Let changes to one person happen one after the other."""
    if not Person.objects.select_for_update().filter(pk=person_id).exists():
        raise NobodyThere(
            _("There is no person with the id %(id)s. Search for the person again.")
            % {"id": person_id}
        )


def check_start(*, person_id: UUID, starts_on: date, at: datetime) -> None:
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
