"""What the pages of a run read: its snapshot and its differences, whole or by reason."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from amparo.delivery.payments.models import PayRun
from amparo.delivery.payments.operations import (
    NoSuchRun,
    approve_run,
    plan_run,
    prepare_run,
    transmit_run,
)
from amparo.delivery.payments.queries import (
    differences_page,
    payment_figures,
    run_items_page,
    run_record,
)
from amparo.journal.models import Event
from amparo.values import Access, Month, NotPermitted, Right
from tests.delivery.payments import awards

pytestmark = pytest.mark.django_db


@pytest.fixture
def run_id(bruno: Access, november: Month, at: datetime) -> UUID:
    """A run that pays Amina and Tomasi, and holds what Noor has no account for."""
    awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    awards.award(amount="40.00", starts_on=date(2026, 11, 1), given="Tomasi")
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), given="Noor", account=None)
    made = plan_run(month=november, access=bruno, at=at)
    prepare_run(run_id=made, access=bruno, at=at)
    return made


def test_a_snapshot_is_read_page_by_page_with_names(run_id: UUID, bruno: Access) -> None:
    first = run_items_page(run_id=run_id, access=bruno, page_size=2)
    second = run_items_page(run_id=run_id, access=bruno, page=2, page_size=2)

    assert (first.total, first.page_count, len(first.rows), len(second.rows)) == (3, 2, 2, 1)
    names = {item.payee_name: item.amount for item in (*first.rows, *second.rows)}
    assert names == {
        "Amina Juma": Decimal("100.00"),
        "Tomasi Juma": Decimal("40.00"),
        "Noor Juma": Decimal("7.00"),
    }


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"disposition": "pay"}, {"Amina Juma", "Tomasi Juma"}),
        ({"disposition": "held"}, {"Noor Juma"}),
        ({"reason": "no-account"}, {"Noor Juma"}),
        ({"disposition": "pay", "reason": "no-account"}, set()),
    ],
)
def test_items_are_chosen_by_what_becomes_of_them_and_why(
    run_id: UUID, bruno: Access, chosen: dict[str, str], names: set[str]
) -> None:
    page = run_items_page(run_id=run_id, access=bruno, **chosen)  # type: ignore[arg-type]

    assert {item.payee_name for item in page.rows} == names
    assert page.total == len(names)


def test_differences_say_in_words_what_is_behind_them(
    run_id: UUID, bruno: Access, celia: Access, november: Month, at: datetime, tmp_path: Path
) -> None:
    first = differences_page(run_id=run_id, access=bruno)
    content = PayRun.objects.get(id=run_id).content_hash
    approve_run(run_id=run_id, content_hash=content, access=celia, at=at)
    transmit_run(run_id=run_id, folder=tmp_path, access=bruno, at=at)
    # Decided before the last run and due in its month, yet it was not in that run.
    awards.award(amount="9.00", starts_on=date(2026, 11, 1), given="Lea")
    later = datetime.fromisoformat("2026-12-18T09:30:00+00:00")
    second = plan_run(month=november.next(), access=bruno, at=later)
    prepare_run(run_id=second, access=bruno, at=later)

    unexplained = differences_page(run_id=second, access=bruno, explanation="unexplained")

    assert {row.words for row in first.rows} == {"Taken on from the older system."}
    assert [(row.after, row.words) for row in unexplained.rows] == [
        (Decimal("18.00"), "Unexplained.")
    ]
    assert unexplained.total == 1


def test_a_page_of_a_run_is_a_read_in_the_journal_and_dario_gets_none(
    run_id: UUID, bruno: Access, dario: Access
) -> None:
    before = Event.objects.filter(kind="read").count()

    run_items_page(run_id=run_id, access=bruno)
    differences_page(run_id=run_id, access=bruno)

    assert Event.objects.filter(kind="read").count() == before + 2
    for page in (run_items_page, differences_page):
        with pytest.raises(NotPermitted):
            page(run_id=run_id, access=dario)


def test_an_unknown_run_is_no_empty_run(bruno: Access) -> None:
    with pytest.raises(NoSuchRun, match="There is no pay run"):
        run_record(run_id=UUID(int=1), access=bruno)


def test_figures_count_the_runs_that_were_sent_and_no_other(
    run_id: UUID, bruno: Access, celia: Access, at: datetime, tmp_path: Path
) -> None:
    counting = awards.acting("Lindiwe", "finance-officer", Right.FIGURES_READ)
    before = payment_figures(access=counting, runs=6)
    content = PayRun.objects.get(id=run_id).content_hash
    approve_run(run_id=run_id, content_hash=content, access=celia, at=at)
    transmit_run(run_id=run_id, folder=tmp_path, access=bruno, at=at)

    after = payment_figures(access=counting, runs=6)

    assert before.runs == ()
    (sent,) = after.runs
    assert sent.run_id == run_id
    assert (sent.total, sent.settled + sent.came_back) == (Decimal("140.00"), Decimal(0))
    assert (sent.unanswered, sent.held) == (Decimal("140.00"), Decimal("7.00"))
    with pytest.raises(NotPermitted):
        payment_figures(access=bruno, runs=6)
