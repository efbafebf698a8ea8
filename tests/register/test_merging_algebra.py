"""Any sequence of facts, merges and undoings: nothing lost, every earlier view stable for ever."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.register.differences import differences, facts_since
from amparo.register.facts import as_of, stated_values
from amparo.register.identities import MergedIntoAnother, leading, records_of
from amparo.register.models import DuplicateReview, IdentityLink, PersonName, Residence
from amparo.register.operations import move, register_person
from amparo.register.operations.merging import (
    UnableToMerge,
    UnableToUndo,
    approve_merge,
    approve_unmerge,
    propose_merge,
    propose_unmerge,
)
from amparo.register.records import NewPerson, NewResidence
from tests.register.merging import (
    CLERK,
    GROUNDS,
    STEWARD,
    SUPERVISOR,
    Pair,
    at,
    reading_as_steward,
    review_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DAYS = (date(2024, 2, 28), date(2024, 2, 29), date(2025, 1, 1), date(2026, 11, 1))
TABLES = ("personname", "vitals", "residence", "identitylink", "mergeproposal")


@dataclass(frozen=True)
class Act:
    """Something that happens to the records: what, on which, with which choice."""

    kind: str  # move | merge | undo
    one: int
    other: int
    day: int
    side: str


acts = st.lists(
    st.builds(
        Act,
        kind=st.sampled_from(["move", "move", "merge", "merge", "undo"]),
        one=st.integers(0, 2),
        other=st.integers(0, 2),
        day=st.integers(0, len(DAYS) - 1),
        side=st.sampled_from(["survivor", "merged"]),
    ),
    min_size=3,
    max_size=7,
)


def registered() -> list[UUID]:
    return [
        register_person(
            person=NewPerson(
                given_names=given,
                family_name="Kariuki",
                sex="female",
                birth_date=date(1984, 2, 29),
                residence=NewResidence(country="XA", district=f"District {given}"),
            ),
            access=CLERK,
            at=at(0),
        )
        for given in ("Amina", "Aminah", "Amena")
    ]


def happen(act: Act, people: list[UUID], *, hours: int) -> None:
    """Do it, by as many people as it takes; what makes no sense as things stand is refused."""
    one, other = people[act.one], people[act.other]
    if act.kind == "move":
        move(
            person_id=one,
            residence=NewResidence(country="XA", district=f"Place {hours}"),
            starts_on=DAYS[act.day],
            access=CLERK,
            at=at(hours),
        )
    elif act.kind == "merge" and one != other:
        with reading_as_steward():
            kinds = [each.kind for each in differences(merged_id=other, survivor_id=one)]
        proposal = propose_merge(
            review_id=review_of(Pair(one, other), hours=hours),
            survivor_id=one,
            choices=dict.fromkeys(kinds, act.side),
            grounds=GROUNDS,
            access=STEWARD,
            at=at(hours),
        )
        approve_merge(proposal_id=proposal, access=SUPERVISOR, at=at(hours))
    elif act.kind == "undo":
        with reading_as_steward():
            link = IdentityLink.objects.filter(person_id=one, superseded_at=None).first()
            later = [str(each.row.pk) for each in facts_since(link)] if link else []
        if link is not None:
            proposal = propose_unmerge(
                link_id=link.id,
                choices=dict.fromkeys(later, act.side),
                grounds=GROUNDS,
                access=STEWARD,
                at=at(hours),
            )
            approve_unmerge(proposal_id=proposal, access=SUPERVISOR, at=at(hours))


def view(people: list[UUID], *, hours: int) -> list[object]:
    """Return whose records each leads to, and what is read of them on two days, as known then."""
    seen: list[object] = []
    with reading_as_steward():
        for person_id in people:
            records = records_of(person_id=person_id, known_at=at(hours))
            seen.append(records)
            for day in DAYS[::3]:
                for model in (PersonName, Residence):
                    known = as_of(
                        model.objects.filter(person_id__in=records), on=day, known_at=at(hours)
                    )
                    fact = leading(known, whose=records)
                    seen.append(fact and (fact.pk, stated_values(fact)))
    return seen


def rows() -> dict[str, dict[str, str]]:
    """Return every row there ever was, but for what is closed once: until when it was known."""
    with reading_as_steward(), connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            closed = (
                "'superseded_at'"
                if table != "mergeproposal"
                else ("'state' - 'decided_at' - 'decided_by' - 'decided_reason'")
            )
            cursor.execute(
                f"SELECT id::text, (to_jsonb(t) - {closed})::text FROM register_{table} t"  # noqa: S608
            )
            found[table] = dict(cursor.fetchall())
    return found


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=acts)
def test_every_view_stays_what_it_was_and_no_row_is_lost(history: list[Act]) -> None:
    with transaction.atomic():
        people = registered()
        views = {0: view(people, hours=0)}
        before = rows()

        for hours, act in enumerate(history, start=1):
            try:
                with transaction.atomic():
                    happen(act, people, hours=hours)
            # Who is merged already is not reviewed as half of a pair: nothing is opened.
            except (
                DuplicateReview.DoesNotExist,
                MergedIntoAnother,
                UnableToMerge,
                UnableToUndo,
            ):
                assert rows() == before
            views[hours] = view(people, hours=hours)
            after = rows()
            for table in TABLES:
                assert before[table].items() <= after[table].items()
            before = after

        for hours, seen_then in views.items():
            assert view(people, hours=hours) == seen_then
        transaction.set_rollback(True)
