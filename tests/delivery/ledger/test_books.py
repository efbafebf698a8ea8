"""Books that cannot be out of balance, written once per source and never rewritten."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from amparo.delivery.ledger.chart import (
    BANK,
    BENEFIT_EXPENSE,
    BENEFITS_PAYABLE,
    CONTRIBUTION_INCOME,
    CONTRIBUTIONS_RECEIVABLE,
)
from amparo.delivery.ledger.models import Account, JournalEntry, Posting
from amparo.delivery.ledger.operations import (
    AlreadyPosted,
    NewEntry,
    NothingToPost,
    PostingLine,
    UnknownAccount,
    post_entries,
    post_selected,
)
from amparo.delivery.ledger.queries import NoSuchEntry, entries_page, entry_record, trial_balance
from amparo.values import Access, NotARoundedAmount, NotPermitted
from tests.delivery.payments.awards import acting

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)
BRUNO: Access = acting("Bruno", "finance-officer")
DARIO: Access = acting("Dario", "registration-officer")


def line(amount: str, debit: str = BENEFIT_EXPENSE, credit: str = BENEFITS_PAYABLE) -> PostingLine:
    return PostingLine(debit=debit, credit=credit, amount=Decimal(amount))


def post(*lines: PostingLine, source: UUID | None = None, on: date = DAY) -> UUID:
    entry = NewEntry(
        source_kind="test",
        source_id=source or uuid4(),
        entry_date=on,
        narrative="A test",
        lines=lines,
    )
    (entry_id,) = post_entries(entries=[entry], access=BRUNO, at=AT)
    return entry_id


def test_a_trial_balance_is_zero_in_all_and_right_in_each_account() -> None:
    post(line("100.00"), line("0.05"))
    post(line("60.00", BENEFITS_PAYABLE, BANK))

    balance = trial_balance(access=BRUNO, on=DAY)

    assert balance.difference == 0
    assert balance.total_debit == Decimal("160.05")
    assert {a.code: a.balance for a in balance.accounts if a.debit or a.credit} == {
        BENEFIT_EXPENSE: Decimal("100.05"),
        BENEFITS_PAYABLE: Decimal("-40.05"),
        BANK: Decimal("-60.00"),
    }
    assert len(balance.accounts) == Account.objects.count() == 11


def test_a_trial_balance_ends_with_its_day() -> None:
    post(line("1.00"), on=date(2026, 11, 30))
    post(line("2.00"), on=date(2026, 12, 1))

    assert trial_balance(access=BRUNO, on=date(2026, 11, 30)).total_debit == Decimal("1.00")
    assert trial_balance(access=BRUNO, on=date(2026, 12, 1)).total_debit == Decimal("3.00")


def test_a_source_posts_once() -> None:
    source = uuid4()
    post(line("1.00"), source=source)

    with pytest.raises(AlreadyPosted, match=str(source)):
        post(line("1.00"), source=source)

    assert Posting.objects.count() == 1


def test_of_many_entries_all_are_posted_or_none() -> None:
    source = uuid4()
    post(line("1.00"), source=source)
    entries = [
        NewEntry(
            source_kind="test",
            source_id=source_id,
            entry_date=DAY,
            narrative="A test",
            lines=[line("5.00", CONTRIBUTIONS_RECEIVABLE, CONTRIBUTION_INCOME)],
        )
        for source_id in (uuid4(), source)
    ]

    with pytest.raises(AlreadyPosted), transaction.atomic():
        post_entries(entries=entries, access=BRUNO, at=AT)

    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_an_amount_not_above_zero_is_refused(amount: str) -> None:
    with pytest.raises(NothingToPost):
        post(line(amount))


def test_an_entry_without_lines_is_refused() -> None:
    with pytest.raises(NothingToPost):
        post()


def test_a_fraction_of_a_cent_is_refused_and_not_rounded() -> None:
    with pytest.raises(NotARoundedAmount):
        post(line("1.005"))


def test_an_account_outside_the_chart_is_refused() -> None:
    with pytest.raises(UnknownAccount, match="9999"):
        post(line("1.00", credit="9999"))


@pytest.mark.parametrize(
    ("column", "value"),
    [("debit_id", "9999"), ("credit_id", "9999"), ("entry_id", "gen_random_uuid()")],
)
def test_bulk_sql_cannot_post_to_what_does_not_exist(column: str, value: str) -> None:
    entry = post(line("1.00"))
    columns = {"entry_id": f"'{entry}'", "debit_id": "'1000'", "credit_id": "'2100'"}
    columns[column] = value if value.endswith(")") else f"'{value}'"

    with (
        pytest.raises(IntegrityError, match=f"{column} that"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO ledger_posting ({', '.join(columns)}, amount, currency, party_kind)"  # noqa: S608
            f" VALUES ({', '.join(columns.values())}, 1, 'XTS', '')"
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET amount = amount + 1",
        "DELETE FROM ledger_posting",
        "TRUNCATE ledger_posting",
        "UPDATE ledger_journalentry SET narrative = 'x'",
        "DELETE FROM ledger_journalentry",
        "UPDATE ledger_account SET kind = 'asset'",
        "INSERT INTO ledger_account VALUES ('9999', 'Mine', 'asset')",
    ],
)
def test_the_books_and_the_chart_cannot_be_rewritten(statement: str) -> None:
    post(line("1.00"))

    with (
        pytest.raises(Exception, match=r"permission denied|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_query_posts_its_lines_without_passing_through_python() -> None:
    source = uuid4()

    total = post_selected(
        source_kind="test",
        source_id=source,
        entry_date=DAY,
        narrative="Many",
        lines_sql="SELECT %s, %s, n::numeric, '', NULL::uuid, NULL::uuid"
        " FROM generate_series(1, 100) AS n",
        parameters=[BENEFIT_EXPENSE, BENEFITS_PAYABLE],
        access=BRUNO,
        at=AT,
    )

    assert total == Decimal("5050.00")
    (entry,) = entries_page(access=BRUNO, source_id=source).rows
    assert (entry.line_count, entry.total) == (100, Decimal("5050.00"))


def test_a_query_that_yields_nothing_is_refused() -> None:
    with pytest.raises(NothingToPost), transaction.atomic():
        post_selected(
            source_kind="test",
            source_id=uuid4(),
            entry_date=DAY,
            narrative="Nothing",
            lines_sql="SELECT '5100', '2100', 1.00, '', NULL::uuid, NULL::uuid WHERE false",
            parameters=[],
            access=BRUNO,
            at=AT,
        )

    assert not JournalEntry.objects.exists()


def test_an_entry_is_shown_with_its_accounts_and_pages_of_lines() -> None:
    entry_id = post(*(line(f"{n}.00") for n in range(1, 8)))
    post(line("1.00", BENEFITS_PAYABLE, BANK))

    record = entry_record(entry_id=entry_id, access=BRUNO, page=2, page_size=5)

    assert [row.amount for row in record.lines.rows] == [Decimal("6.00"), Decimal("7.00")]
    assert record.lines.rows[0].debit_title == "Benefit expense"
    assert record.summary.total == Decimal("28.00")
    assert entries_page(access=BRUNO, account=BANK).total == 1
    assert entries_page(access=BRUNO).total == 2


def test_an_unknown_entry_is_said_to_be_unknown() -> None:
    with pytest.raises(NoSuchEntry):
        entry_record(entry_id=uuid4(), access=BRUNO)


def test_dario_may_not_look_into_the_books() -> None:
    entry_id = post(line("1.00"))

    with pytest.raises(NotPermitted):
        trial_balance(access=DARIO, on=DAY)
    with pytest.raises(NotPermitted):
        entries_page(access=DARIO)
    with pytest.raises(NotPermitted):
        entry_record(entry_id=entry_id, access=DARIO)
