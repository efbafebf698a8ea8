"""Pairs who may be one person: found, kept in order, decided once, remembered."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from amparo.register.duplicate_queries import review_record, reviews_page
from amparo.register.models import DuplicateReview
from amparo.register.operations import add_identifier, correct_name, move, register_person
from amparo.register.operations.own import OwnRecord
from amparo.register.operations.reviews import (
    AlreadyDecided,
    NotAPair,
    UnableToDecide,
    decide_review,
    open_duplicate_review,
    open_duplicate_reviews,
    weigh_reviews,
)
from amparo.register.queries import person_record
from amparo.register.records import NewIdentifier, NewPerson, NewResidence
from amparo.values import NotPermitted, Right
from tests.register.merging import (
    CLERK,
    GROUNDS,
    STEWARD,
    Pair,
    at,
    merged,
    reading_as_steward,
    review_of,
    somebody,
    two_records,
)

pytestmark = pytest.mark.django_db

SWEEP = somebody(31, Right.DUPLICATE_FIND)


def found(pair: Pair, *, hours: int = 1, score: str = "0.95", source: str = "sweep") -> bool:
    return open_duplicate_review(
        pair=(pair.first, pair.second),
        score=Decimal(score),
        evidence={"birth": {"says": "agrees", "weight": "8.10"}},
        model_hash="a" * 64,
        source=source,
        access=SWEEP,
        at=at(hours),
    )


def pairs() -> int:
    with reading_as_steward():
        return DuplicateReview.objects.count()


def test_a_pair_goes_into_the_queue_once_whichever_way_round_it_is_found() -> None:
    pair = two_records()
    found(pair)  # at registration it may have been found already
    before = pairs()

    assert not found(Pair(pair.second, pair.first), hours=2)
    assert pairs() == before > 0


def test_what_was_found_different_is_remembered() -> None:
    pair = two_records()
    review_of(pair, decision="different")

    assert not found(pair, hours=2)


def test_a_move_tells_nothing_new_about_who_somebody_is() -> None:
    pair = two_records()
    review_of(pair, decision="different")
    move(
        person_id=pair.first,
        residence=NewResidence(country="XA", district="Lakeside"),
        starts_on=date(2026, 11, 1),
        access=CLERK,
        at=at(2),
    )

    assert not found(pair, hours=3)


def test_a_new_identifier_brings_a_pair_back() -> None:
    pair = two_records()
    review_of(pair, decision="different")
    add_identifier(
        person_id=pair.second,
        identifier=NewIdentifier(value="T-7", kind="tax"),
        access=CLERK,
        at=at(2),
    )

    assert found(pair, hours=3)


def test_a_corrected_name_brings_a_pair_back() -> None:
    pair = two_records()
    review_of(pair, decision="unsure")
    record = person_record(
        person_id=pair.second, access=CLERK, as_of=date(2026, 11, 21), known_at=at(2)
    )
    assert record.name is not None
    correct_name(
        person_id=pair.second,
        fact_id=record.name.times.fact_id,
        given_names="Amina",
        family_name="Juma",
        grounds=GROUNDS,
        access=CLERK,
        at=at(2),
    )

    assert found(pair, hours=3)


def test_what_a_person_reports_is_always_looked_at_again() -> None:
    pair = two_records()
    review_of(pair, decision="different")

    assert open_duplicate_review(
        pair=(pair.first, pair.second),
        score=None,
        evidence={},
        model_hash="",
        source="officer",
        access=CLERK,
        at=at(2),
    )


def test_merged_records_are_not_found_again() -> None:
    pair = two_records()
    merged(pair)

    assert not found(pair, hours=4)


def test_a_decision_is_taken_once() -> None:
    review_id = review_of(two_records(), decision="different")

    with pytest.raises(AlreadyDecided):
        decide_review(review_id=review_id, decision="same", reason="No.", access=STEWARD, at=at(3))


@pytest.mark.parametrize(("decision", "reason"), [("perhaps", "Why."), ("same", "  ")])
def test_a_decision_says_what_and_why(decision: str, reason: str) -> None:
    review_id = review_of(two_records(), decision="")

    with pytest.raises(UnableToDecide):
        decide_review(
            review_id=review_id, decision=decision, reason=reason, access=STEWARD, at=at(3)
        )


def test_nobody_decides_who_they_are_themselves() -> None:
    pair = two_records()
    review_id = review_of(pair, decision="")
    herself = somebody(11, *STEWARD.rights, own_record_id=pair.second)

    with pytest.raises(OwnRecord):
        decide_review(
            review_id=review_id, decision="different", reason="I know.", access=herself, at=at(3)
        )


def test_one_record_is_no_pair() -> None:
    person = two_records().first

    with pytest.raises(NotAPair, match="One record is no pair"):
        found(Pair(person, person))


@pytest.mark.parametrize("score", ["-0.1", "1.5"])
def test_a_score_is_a_probability(score: str) -> None:
    with pytest.raises(NotAPair, match="from 0 to 1"):
        found(fresh_pair(), score=score)


def fresh_pair() -> Pair:
    """Return a pair decided on long ago, with a new number since."""
    pair = two_records()
    review_of(pair, decision="unsure")
    add_identifier(
        person_id=pair.second,
        identifier=NewIdentifier(value="T-8", kind="tax"),
        access=CLERK,
        at=at(2),
    )
    return pair


def test_dario_opens_and_decides_nothing() -> None:
    pair = two_records()
    review_id = review_of(pair, decision="")
    dario = somebody(19, Right.TASK_READ)

    with pytest.raises(NotPermitted):
        open_duplicate_reviews(pairs=[], model_hash="", source="sweep", access=dario, at=at(2))
    with pytest.raises(NotPermitted):
        decide_review(review_id=review_id, decision="same", reason="Yes.", access=dario, at=at(2))
    with pytest.raises(NotPermitted):
        reviews_page(access=dario)


def test_the_job_that_finds_pairs_decides_none() -> None:
    review_id = review_of(two_records(), decision="")

    with pytest.raises(NotPermitted):
        decide_review(review_id=review_id, decision="same", reason="Yes.", access=SWEEP, at=at(2))


def test_the_queue_begins_with_what_costs_most_if_it_is_overlooked() -> None:
    cheap, dear = (
        review_of(two_records_named("Wanjiku"), decision=""),
        review_of(two_records_named("Fatoumata"), decision=""),
    )
    weigh_reviews(
        stakes={cheap: Decimal("10.00"), dear: Decimal("900.00")}, access=STEWARD, at=at(2)
    )

    listed = [one.review_id for one in reviews_page(access=STEWARD).rows]

    assert listed.index(dear) < listed.index(cheap)


def two_records_named(given: str) -> Pair:
    """Register somebody twice, with a spelling apart."""

    def registered(name: str) -> UUID:
        person = NewPerson(
            given_names=name, family_name="Diallo", sex="female", birth_date=date(1980, 2, 29)
        )
        return register_person(person=person, access=CLERK, at=at(0))

    return Pair(registered(given), registered(f"{given}h"))


def test_a_review_says_what_the_two_records_say() -> None:
    pair = two_records(second_district="Lakeside")
    review_id = review_of(pair, decision="")

    record = review_record(review_id=review_id, access=STEWARD)

    said = {(one.kind, one.field): {*one.first, *one.second} for one in record.said}
    assert said["name", "given_names"] == {"Amina", "Aminah"}
    assert said["identifier", "value"] == {"1990061234", "PA77"}
    assert said["residence", "district"] == {"Kora", "Lakeside"}
    assert {one.kind for one in record.differing} == {"name", "residence"}
