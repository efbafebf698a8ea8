"""Who merges: a steward proposes, a supervisor approves; and the people whose records they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from amparo.register.models import DuplicateReview
from amparo.register.operations import register_person
from amparo.register.operations.merging import (
    approve_merge,
    approve_unmerge,
    propose_merge,
    propose_unmerge,
)
from amparo.register.operations.reviews import decide_review, open_duplicate_review
from amparo.register.records import Grounds, NewIdentifier, NewPerson, NewResidence
from amparo.values import Access, Right
from tests.register.conftest import access_with

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
GROUNDS = Grounds(evidence="identity-document", reason="One card, two registrations.")


def somebody(number: int, *rights: Right, own_record_id: UUID | None = None) -> Access:
    return Access(
        actor_id=UUID(int=number),
        actor_name="Somebody",
        role="data-steward",
        purpose="SocialSecurityManagement",
        mandate_id=UUID(int=number + 1000),
        rights=frozenset(rights),
        own_record_id=own_record_id,
    )


STEWARD = somebody(
    11, Right.PERSON_READ, Right.DUPLICATE_READ, Right.DUPLICATE_REVIEW, Right.MERGE_PROPOSE
)
SUPERVISOR = somebody(12, Right.PERSON_READ, Right.DUPLICATE_READ, Right.MERGE_APPROVE)
CLERK = access_with(
    Right.PERSON_READ, Right.PERSON_REGISTER, Right.EMPLOYER_READ, Right.EMPLOYER_REGISTER
)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


@dataclass(frozen=True)
class Pair:
    """Two records: Amina Juma as she was registered first, and once more a year later."""

    first: UUID
    second: UUID


def two_records(
    *,
    second_born: date = date(1990, 6, 12),
    second_name: str = "Aminah",
    second_district: str = "",
    parent_ids: tuple[UUID, ...] = (),
) -> Pair:
    first = register_person(
        person=NewPerson(
            given_names="Amina",
            family_name="Juma",
            sex="female",
            birth_date=date(1990, 6, 12),
            identifiers=(NewIdentifier(value="1990061234"),),
            residence=NewResidence(country="XA", district="Kora", starts_on=date(2000, 1, 1)),
        ),
        access=CLERK,
        at=START,
    )
    second = register_person(
        person=NewPerson(
            given_names=second_name,
            family_name="Juma",
            sex="female",
            birth_date=second_born,
            identifiers=(NewIdentifier(value="PA-77", kind="passport"),),
            residence=NewResidence(country="XA", district=second_district)
            if second_district
            else None,
            parent_ids=parent_ids,
        ),
        access=CLERK,
        at=START,
    )
    return Pair(first, second)


def review_of(pair: Pair, *, hours: int = 1, decision: str = "same") -> UUID:
    """Open and decide a review of two records; return its id."""
    open_duplicate_review(
        pair=(pair.first, pair.second),
        score=None,
        evidence={},
        model_hash="",
        source="officer",
        access=STEWARD,
        at=at(hours),
    )
    with reading_as_steward():
        review = DuplicateReview.objects.get(
            first_id=min(pair.first, pair.second),
            second_id=max(pair.first, pair.second),
            state="open",
        )
    if decision:
        decide_review(
            review_id=review.id,
            decision=decision,
            reason="The same card.",
            access=STEWARD,
            at=at(hours),
        )
    return review.id


def merged(
    pair: Pair,
    *,
    choices: Mapping[str, str] | None = None,
    hours: int = 2,
    approve: Callable[..., UUID] = approve_merge,
) -> tuple[UUID, UUID]:
    """Merge the second record into the first by two people; return the link and the review."""
    review_id = review_of(pair, hours=hours)
    proposal = propose_merge(
        review_id=review_id,
        survivor_id=pair.first,
        choices={"name": "survivor"} if choices is None else choices,
        grounds=GROUNDS,
        access=STEWARD,
        at=at(hours),
    )
    return approve(proposal_id=proposal, access=SUPERVISOR, at=at(hours)), review_id


def undone(
    link_id: UUID,
    *,
    choices: Mapping[str, str] | None = None,
    hours: int = 10,
    approve: Callable[..., UUID] = approve_unmerge,
) -> None:
    """Undo a merge by two people."""
    proposal = propose_unmerge(
        link_id=link_id, choices=choices or {}, grounds=GROUNDS, access=STEWARD, at=at(hours)
    )
    approve(proposal_id=proposal, access=SUPERVISOR, at=at(hours))


class reading_as_steward:  # noqa: N801 — used as a word in a with statement
    """Open personal rows to a test that looks at the tables themselves."""

    def __enter__(self) -> None:
        self._block = transaction.atomic()
        self._block.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('amparo.purpose', 'test', true)")

    def __exit__(self, *failure: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('amparo.purpose', '', true)")
        self._block.__exit__(None, None, None)
