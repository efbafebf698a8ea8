"""The sweep: everybody in the register is compared, and what is likely goes into the queue once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from amparo.journal.models import Event
from amparo.journal.reading import reading
from amparo.register import operations
from amparo.register.likeness import people_alike
from amparo.register.matching.model import read_model
from amparo.register.matching.training import UnableToTrain
from amparo.register.models import DuplicateReview, MatchKey
from amparo.register.operations.loading import load_persons
from amparo.register.operations.reviews import decide_review
from amparo.register.operations.sweeping import sweep_register, train_model
from amparo.register.records import NewPerson, NewResidence, PersonRow
from amparo.values import Access, NotPermitted, Right
from tests.register.conftest import access_with
from tests.register.matching.test_registering import row

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(days=1)
BORN = date(1963, 2, 28)


@pytest.fixture
def stella() -> Access:
    """Stella is a steward: she finds and reviews pairs."""
    return access_with(Right.PERSON_READ, Right.DUPLICATE_FIND, Right.DUPLICATE_REVIEW)


def twice() -> list[PersonRow]:
    """Return a file that has Amina twice, and two people who have nothing to do with her."""
    return [
        row(2, "a", given="Amina", sex="female", born=BORN),
        row(3, "b", given="Ameena", sex="female", born=BORN),
        row(4, "c", given="Tomasi", sex="male", born=date(1988, 5, 17)),
        replace(
            row(5, "d", given="Josefa", sex="female", born=date(1956, 2, 29)), district="Mwali"
        ),
    ]


@pytest.fixture
def loaded(bruno: Access) -> None:
    load_persons(rows=twice(), received_file_id=uuid4(), access=bruno, at=AT)


def queue(access: Access) -> list[DuplicateReview]:
    with reading(access=access, right=Right.PERSON_READ):
        return list(DuplicateReview.objects.order_by("opened_at", "id"))


@pytest.mark.django_db
def test_people_who_came_in_twice_by_file_are_found_by_the_sweep(
    loaded: None, stella: Access
) -> None:
    report = sweep_register(access=stella, at=LATER)

    (review,) = queue(stella)
    assert (report.people, report.likely, report.opened) == (4, 1, 1)
    assert (review.source, review.model_hash) == ("sweep", report.model_hash)
    assert review.score is not None
    assert review.score >= Decimal("0.5")
    told = Event.objects.filter(kind="register.swept").latest("id").details
    assert (told["people"], told["opened"], told["keys_left_out"]) == (4, 1, 0)


@pytest.mark.django_db
def test_a_sweep_run_again_opens_nothing_and_forgets_no_decision(
    loaded: None, stella: Access
) -> None:
    sweep_register(access=stella, at=LATER)
    (review,) = queue(stella)

    again = sweep_register(access=stella, at=LATER)
    decide_review(
        review_id=review.id, decision="different", reason="Cousins.", access=stella, at=LATER
    )
    after = sweep_register(access=stella, at=LATER + timedelta(days=1))

    assert [(one.likely, one.opened) for one in (again, after)] == [(1, 0), (1, 0)]
    assert [one.state for one in queue(stella)] == ["different"]


@pytest.mark.django_db
def test_people_of_an_older_release_get_their_keys_and_are_found_online_then(
    loaded: None, bruno: Access, stella: Access
) -> None:
    with reading(access=bruno, right=Right.PERSON_READ):
        MatchKey.objects.all().delete()
    amina = NewPerson(given_names="Amina", family_name="Kipsang", sex="female", birth_date=BORN)
    before = people_alike(person=amina, access=bruno, at=AT)

    report = sweep_register(access=stella, at=LATER)

    assert (before.lookalikes, report.keyed) == ((), 4)
    assert len(people_alike(person=amina, access=bruno, at=AT).lookalikes) == 2


@pytest.mark.django_db
def test_the_sweep_scores_a_pair_as_the_counter_did(
    loaded: None, bruno: Access, stella: Access
) -> None:
    operations.register_person(
        person=NewPerson(
            given_names="Ameena",
            family_name="Kipsang",
            sex="female",
            birth_date=BORN,
            residence=NewResidence(country="XA", district="Kora", address="Plot 7"),
        ),
        access=bruno,
        at=AT,
    )
    online = [(one.score, one.evidence) for one in queue(stella)]

    sweep_register(access=stella, at=LATER)

    # The file's two records stand to each other as the newcomer's does to the first of them.
    (swept,) = [one for one in queue(stella) if one.source == "sweep"]
    assert len(online) == 2
    assert (swept.score, swept.evidence) in online


@pytest.mark.django_db
def test_nobody_sweeps_or_trains_without_the_right(bruno: Access) -> None:
    with pytest.raises(NotPermitted):
        sweep_register(access=bruno, at=AT)
    with pytest.raises(NotPermitted):
        train_model(version="2", access=bruno, at=AT)


@pytest.mark.django_db
def test_a_register_of_a_handful_teaches_no_model(loaded: None, stella: Access) -> None:
    with pytest.raises(UnableToTrain, match="hundred"):
        train_model(version="2", access=stella, at=LATER)


def test_a_model_changed_by_hand_or_of_another_release_is_refused() -> None:
    with pytest.raises(Exception, match="Train"):
        read_model('{"format": 1}')
