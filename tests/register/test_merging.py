"""Two records of one person: linked by two people, read as one, parted again without a trace."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from amparo.register.differences import facts_since, kinds
from amparo.register.facts import stated_values
from amparo.register.identities import MergedIntoAnother
from amparo.register.models import IdentityLink, Residence, Vitals
from amparo.register.operations import add_identifier, move, record_death, register_person
from amparo.register.operations.merging import (
    ChangedSinceProposed,
    MakerIsNotChecker,
    UnableToMerge,
    UnableToUndo,
    approve_merge,
    approve_unmerge,
    propose_merge,
    propose_unmerge,
    refuse_proposal,
)
from amparo.register.operations.own import OwnRecord
from amparo.register.queries import fact_history, find_persons, person_record
from amparo.register.records import FactTimes, NewIdentifier, NewPerson, NewResidence, PersonRecord
from amparo.values import NotPermitted, Right
from tests.register.merging import (
    CLERK,
    GROUNDS,
    STEWARD,
    SUPERVISOR,
    Pair,
    at,
    merged,
    reading_as_steward,
    review_of,
    somebody,
    two_records,
    undone,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


def seen(person_id: UUID, *, hours: int, is_alone: bool = False) -> PersonRecord:
    return person_record(
        person_id=person_id, access=CLERK, as_of=TODAY, known_at=at(hours), is_alone=is_alone
    )


def said(record: PersonRecord) -> object:
    """Return a record without until when it was known: that, too, becomes known later."""

    def plain(value: object) -> object:
        if isinstance(value, FactTimes):
            return replace(value, superseded_at=None)
        if isinstance(value, tuple):
            return tuple(plain(each) for each in value)
        if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return value

    return plain(record)


# --- what a merge does ----------------------------------------------------------------------------


def test_whoever_looks_at_the_merged_number_sees_the_survivor_with_both_identifiers() -> None:
    pair = two_records()

    merged(pair)

    record = seen(pair.second, hours=3)
    assert record.person_id == pair.first
    assert record.records == (pair.first, pair.second)
    assert {one.value for one in record.identifiers} == {"1990061234", "PA77"}


def test_what_was_known_before_the_merge_stays_known_for_ever() -> None:
    pair = two_records()
    before = [said(seen(each, hours=1)) for each in (pair.first, pair.second)]

    link, _review = merged(pair, choices={"name": "merged"})
    after_merge = [said(seen(each, hours=1)) for each in (pair.first, pair.second)]
    undone(link)
    after_undoing = [said(seen(each, hours=1)) for each in (pair.first, pair.second)]

    assert before == after_merge == after_undoing


def test_both_names_and_both_numbers_find_the_one_person() -> None:
    pair = two_records()
    numbers = [seen(each, hours=1).number for each in (pair.first, pair.second)]

    merged(pair)

    for text in (*numbers, "Aminah Juma", "Amina Juma", "PA77"):
        found = find_persons(text=text, access=CLERK)
        assert [one.person_id for one in found.rows] == [pair.first], text
        assert found.total == 1, text


def test_the_word_that_was_chosen_is_a_correction_with_the_merge_as_its_source() -> None:
    pair = two_records(second_name="Aminata")

    merged(pair, choices={"name": "merged"})

    record = seen(pair.first, hours=3)
    assert record.name is not None
    assert record.name.full == "Aminata Juma"
    with reading_as_steward():
        link = IdentityLink.objects.get()
    assert record.name.times.source_id == link.approval_id


def test_histories_are_read_together_and_say_on_which_record_they_stand() -> None:
    pair = two_records()
    numbers = {seen(each, hours=1).number for each in (pair.first, pair.second)}

    merged(pair)

    lines = fact_history(person_id=pair.first, access=CLERK)
    assert {line.record for line in lines} == numbers
    assert len([line for line in lines if line.kind == "name"]) == 2


def test_what_only_the_merged_record_says_is_read_too() -> None:
    pair = two_records()
    other = Pair(pair.second, pair.first)

    merged(other)

    residence = seen(pair.second, hours=3).residence
    assert residence is not None
    assert residence.district == "Kora"


def test_nothing_new_is_written_on_a_merged_record() -> None:
    pair = two_records()
    merged(pair)

    with pytest.raises(MergedIntoAnother) as refused:
        move(
            person_id=pair.second,
            residence=NewResidence(country="XA", district="Lakeside"),
            starts_on=TODAY,
            access=CLERK,
            at=at(3),
        )

    assert refused.value.survivor_id == pair.first


# --- what is refused ------------------------------------------------------------------------------


def test_who_proposed_a_merge_does_not_approve_it() -> None:
    pair = two_records()
    both = somebody(11, *STEWARD.rights, Right.MERGE_APPROVE)
    proposal = propose_merge(
        review_id=review_of(pair),
        survivor_id=pair.first,
        choices={"name": "survivor"},
        grounds=GROUNDS,
        access=both,
        at=at(2),
    )

    with pytest.raises(MakerIsNotChecker):
        approve_merge(proposal_id=proposal, access=both, at=at(3))


def test_dario_neither_proposes_nor_approves() -> None:
    pair = two_records()
    review_id = review_of(pair)
    dario = somebody(19, Right.TASK_READ)

    with pytest.raises(NotPermitted):
        propose_merge(
            review_id=review_id,
            survivor_id=pair.first,
            choices={},
            grounds=GROUNDS,
            access=dario,
            at=at(2),
        )
    with pytest.raises(NotPermitted):
        approve_merge(proposal_id=review_id, access=dario, at=at(2))


def test_a_pair_that_is_not_decided_to_be_the_same_is_not_merged() -> None:
    pair = two_records()
    review_id = review_of(pair, decision="unsure")

    with pytest.raises(UnableToMerge, match="decided to be the same"):
        propose_merge(
            review_id=review_id,
            survivor_id=pair.first,
            choices={"name": "survivor"},
            grounds=GROUNDS,
            access=STEWARD,
            at=at(2),
        )


def test_each_difference_wants_a_choice() -> None:
    pair = two_records(second_born=date(1991, 6, 12))
    review_id = review_of(pair)

    with pytest.raises(UnableToMerge, match="whose word holds"):
        propose_merge(
            review_id=review_id,
            survivor_id=pair.first,
            choices={"name": "survivor"},
            grounds=GROUNDS,
            access=STEWARD,
            at=at(2),
        )


def test_a_mother_and_her_child_are_two() -> None:
    mother = two_records().first
    child = child_of(mother)
    pair = Pair(mother, child)

    with pytest.raises(UnableToMerge, match="relatives are two people"):
        merged(pair, choices={"name": "survivor", "vitals": "survivor"})


def child_of(parent_id: UUID) -> UUID:
    """Register a child of the same names, born later."""
    return register_person(
        person=NewPerson(
            given_names="Amina",
            family_name="Juma",
            sex="female",
            birth_date=date(2015, 6, 12),
            parent_ids=(parent_id,),
        ),
        access=CLERK,
        at=at(0),
    )


def test_a_proposal_made_on_older_facts_is_refused() -> None:
    pair = two_records()
    proposal = propose_merge(
        review_id=review_of(pair),
        survivor_id=pair.first,
        choices={"name": "survivor"},
        grounds=GROUNDS,
        access=STEWARD,
        at=at(2),
    )
    add_identifier(
        person_id=pair.second,
        identifier=NewIdentifier(value="T-5", kind="tax"),
        access=CLERK,
        at=at(3),
    )

    with pytest.raises(ChangedSinceProposed):
        approve_merge(proposal_id=proposal, access=SUPERVISOR, at=at(4))
    refuse_proposal(proposal_id=proposal, reason="A new number.", access=SUPERVISOR, at=at(4))


def test_nobody_decides_on_their_own_record_or_a_relatives() -> None:
    pair = two_records()
    review_id = review_of(pair)
    child = child_of(pair.first)

    for own in (pair.first, pair.second, child):
        herself = somebody(11, *STEWARD.rights, own_record_id=own)
        with pytest.raises(OwnRecord):
            propose_merge(
                review_id=review_id,
                survivor_id=pair.first,
                choices={"name": "survivor"},
                grounds=GROUNDS,
                access=herself,
                at=at(2),
            )


def test_a_dead_and_a_living_record_are_a_difference_to_choose_on() -> None:
    pair = two_records()
    record_death(person_id=pair.second, death_date=date(2026, 10, 1), access=CLERK, at=at(1))

    merged(pair, choices={"name": "survivor", "vitals": "merged"}, hours=2)

    vitals = seen(pair.first, hours=3).vitals
    assert vitals is not None
    assert vitals.death_date == date(2026, 10, 1)


# --- chains and circles ---------------------------------------------------------------------------


def test_a_chain_leads_to_its_end() -> None:
    pair = two_records()
    third = third_record()
    merged(pair)

    merged(Pair(third, pair.first), choices={"name": "survivor"}, hours=4)

    assert seen(pair.second, hours=5).person_id == third
    assert set(seen(third, hours=5).records) == {pair.first, pair.second, third}
    # As known between the two merges, the first had survived.
    assert seen(pair.second, hours=3).person_id == pair.first


def third_record() -> UUID:
    """Register the same woman a third time."""
    return register_person(
        person=NewPerson(
            given_names="A.", family_name="Juma", sex="female", birth_date=date(1990, 6, 12)
        ),
        access=CLERK,
        at=at(0),
    )


def test_the_earlier_merge_of_a_chain_is_undone_after_the_later_one() -> None:
    pair = two_records()
    third = third_record()
    first_link, _ = merged(pair)
    second_link, _ = merged(Pair(third, pair.first), hours=4)

    with pytest.raises(UnableToUndo, match="Undo that merge first"):
        undone(first_link)
    undone(second_link, hours=11)
    undone(first_link, hours=12)

    assert seen(pair.second, hours=13).records == (pair.second,)


def test_a_merged_record_is_not_merged_again() -> None:
    pair = two_records()
    third = third_record()
    review_id = review_of(Pair(pair.second, third), hours=1)
    merged(pair)

    with pytest.raises(UnableToMerge, match="merged into a third record"):
        propose_merge(
            review_id=review_id,
            survivor_id=third,
            choices={"name": "survivor"},
            grounds=GROUNDS,
            access=STEWARD,
            at=at(5),
        )


# --- undoing --------------------------------------------------------------------------------------


def known_now(*person_ids: UUID) -> list[tuple[object, ...]]:
    """Return what is known now of persons, but for when and by whom it was written."""
    with reading_as_steward():
        return sorted(
            (
                kind.name,
                str(sorted(stated_values(row).items(), key=str)),
                row.starts_on,
                str(row.ends_before),
                row.source,
                str(row.source_id),
            )
            for kind in kinds()
            for row in kind.of(*person_ids).filter(superseded_at=None)
        )


@pytest.mark.parametrize("side", ["survivor", "merged"])
def test_undoing_restores_what_was_known(side: str) -> None:
    pair = two_records(second_born=date(1991, 6, 12), second_district="Lakeside")
    before = known_now(pair.first, pair.second)

    link, _review = merged(pair, choices=dict.fromkeys(("name", "vitals", "residence"), side))
    assert (known_now(pair.first, pair.second) == before) == (side == "survivor")
    undone(link)

    assert known_now(pair.first, pair.second) == before
    assert seen(pair.second, hours=11).records == (pair.second,)


def test_a_merge_where_the_survivors_word_holds_writes_no_fact_at_all() -> None:
    pair = two_records()
    with reading_as_steward():
        before = list(Vitals.objects.order_by("id").values())

    link, _review = merged(pair)
    undone(link)

    with reading_as_steward():
        assert list(Vitals.objects.order_by("id").values()) == before


def test_each_later_fact_goes_to_whom_it_belongs() -> None:
    pair = two_records()
    link_id, _review = merged(pair)
    move(
        person_id=pair.first,
        residence=NewResidence(country="XA", district="Old Port"),
        starts_on=date(2026, 11, 1),
        access=CLERK,
        at=at(5),
    )
    add_identifier(
        person_id=pair.first,
        identifier=NewIdentifier(value="T-9", kind="tax"),
        access=CLERK,
        at=at(6),
    )
    with reading_as_steward():
        link = IdentityLink.objects.get(pk=link_id)
        later = {stated.kind.name: str(stated.row.pk) for stated in facts_since(link)}
    assert set(later) == {"residence", "identifier"}

    undone(
        link_id, choices={later["residence"]: "merged", later["identifier"]: "survivor"}, hours=8
    )

    first, second = seen(pair.first, hours=9), seen(pair.second, hours=9)
    assert first.residence is not None
    assert (first.residence.district, first.residence.times.ends_before) == ("Kora", None)
    assert second.residence is not None
    assert second.residence.district == "Old Port"
    assert {one.value for one in first.identifiers} == {"1990061234", "T9"}
    assert {one.value for one in second.identifiers} == {"PA77"}


def test_a_later_fact_without_an_owner_is_refused() -> None:
    pair = two_records()
    link_id, _review = merged(pair)
    add_identifier(
        person_id=pair.first,
        identifier=NewIdentifier(value="T-9", kind="tax"),
        access=CLERK,
        at=at(6),
    )

    with pytest.raises(UnableToUndo, match="say whose it is"):
        propose_unmerge(link_id=link_id, choices={}, grounds=GROUNDS, access=STEWARD, at=at(7))


def test_a_fact_that_arrives_between_proposal_and_approval_stops_the_undoing() -> None:
    pair = two_records()
    link_id, _review = merged(pair)
    proposal = propose_unmerge(
        link_id=link_id, choices={}, grounds=GROUNDS, access=STEWARD, at=at(7)
    )
    add_identifier(
        person_id=pair.first,
        identifier=NewIdentifier(value="T-9", kind="tax"),
        access=CLERK,
        at=at(8),
    )

    with pytest.raises(ChangedSinceProposed):
        approve_unmerge(proposal_id=proposal, access=SUPERVISOR, at=at(9))


def test_a_pair_parted_is_merged_again() -> None:
    pair = two_records()
    link, _review = merged(pair)
    undone(link, hours=10)

    merged(pair, hours=12)

    assert seen(pair.second, hours=13).person_id == pair.first


# --- the database itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE register_identitylink SET superseded_at = now()", "an_undoing_is_approved"),
        (
            """
            INSERT INTO register_identitylink
                (id, person_id, survivor_id, approval_id, starts_on, recorded_at, recorded_by)
            SELECT gen_random_uuid(), survivor_id, person_id, approval_id, starts_on, recorded_at,
                   recorded_by
            FROM register_identitylink
            """,
            "a_merge_is_approved",
        ),
        ("UPDATE register_mergeproposal SET decided_reason = 'x'", "decided_once"),
        ("UPDATE register_duplicatereview SET reason = 'x'", "decided_once"),
    ],
)
def test_links_and_decisions_stand_under_bulk_sql(statement: str, constraint: str) -> None:
    merged(two_records())

    with (
        reading_as_steward(),
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_links_are_seen_by_a_reading_with_a_purpose_alone() -> None:
    merged(two_records())

    assert IdentityLink.objects.count() == 0
    with reading_as_steward():
        assert IdentityLink.objects.count() == 1
        assert Residence.objects.count() == 1
