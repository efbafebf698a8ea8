"""What is paid on one of two records that prove to be one person's."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from amparo.delivery.payments.models import PayRun, PayRunItem
from amparo.delivery.payments.operations import plan_run, prepare_run
from amparo.delivery.payments.queries import payments_of_person
from amparo.register.models import Representation
from amparo.register.operations import record_death
from amparo.values import Access, Month
from tests.delivery.payments import awards
from tests.delivery.payments.seeing import seen
from tests.register.merging import CLERK, Pair, at, merged

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def items(access: Access, month: Month) -> list[PayRunItem]:
    run_id = plan_run(month=month, access=access, at=LATER)
    prepare_run(run_id=run_id, access=access, at=LATER)
    return seen(PayRunItem.objects.filter(run_id=run_id))


def survivor(**personal: object) -> tuple[UUID, UUID | None]:
    return awards.person(given="Amina", family="Juma", **personal)  # type: ignore[arg-type]


def test_who_died_is_paid_no_longer_on_any_of_their_records(bruno: Access, november: Month) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    whole, _account = survivor(account=None)
    merged(Pair(whole, made.person_id), choices={})
    record_death(person_id=whole, death_date=date(2026, 10, 15), access=CLERK, at=at(3))

    (item,) = items(bruno, november)

    assert (item.disposition, item.reason) == ("excluded", "person-died")


def test_the_surviving_records_account_receives(bruno: Access, november: Month) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    whole, account_id = survivor(account="0099008800")
    merged(Pair(whole, made.person_id), choices={"payment-account": "survivor"})

    (item,) = items(bruno, november)

    assert (item.disposition, item.payment_account_id) == ("pay", account_id)


def test_without_an_account_of_its_own_the_merged_ones_still_receives(
    bruno: Access, november: Month
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    whole, _account = survivor(account=None)
    merged(Pair(whole, made.person_id), choices={})

    (item,) = items(bruno, november)

    assert (item.disposition, item.payment_account_id) == ("pay", made.account_id)


def test_a_payee_named_on_the_survivor_receives_what_the_merged_record_holds(
    bruno: Access, november: Month
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    whole, _account = survivor(account=None)
    payee, _account = awards.person(given="Tomasi", family="Banda")
    merged(Pair(whole, made.person_id), choices={})
    Representation.objects.create(
        person_id=whole,
        representative_id=payee,
        kind="payee",
        starts_on=date(2026, 1, 1),
        recorded_at=at(4),
        source="officer",
        recorded_by=CLERK.actor_id,
    )

    (item,) = items(bruno, november)

    assert (item.disposition, item.payee_id) == ("pay", payee)


def test_payments_of_both_records_are_listed_under_the_one_person(
    bruno: Access, november: Month
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    whole, _account = survivor(account=None)
    merged(Pair(whole, made.person_id), choices={})
    items(bruno, november)

    listed = payments_of_person(person_id=whole, access=bruno)

    assert len(listed) == PayRun.objects.count() == 1
