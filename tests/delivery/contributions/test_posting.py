"""From the employer's declaration to liabilities, suspense and books."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from amparo.delivery.contributions import queries
from amparo.delivery.contributions.models import Declaration, Liability, WageLine
from amparo.delivery.contributions.operations import (
    AlreadyDeclared,
    TotalsDiffer,
    UnknownEmployer,
    UnusableWage,
    WorkerDeclaredTwice,
    post_declarations,
)
from amparo.delivery.ledger.models import Posting
from amparo.office.models import Task
from amparo.values import NotARoundedAmount, NotPermitted
from tests.delivery.world import AMINA_NUMBER, AT, World, declaration, opened


def test_a_declaration_is_assessed_by_the_pack_into_liabilities(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "2300.33"))

    record = queries.declaration_record(declaration_id=posted.id, access=world.emil)

    (line,) = record.lines.rows
    assert (line.person_id, line.state, line.wage) == (world.amina, "matched", Decimal("2300.33"))
    (due,) = line.due
    assert (due.scheme, due.insurable) == ("test/old-age", Decimal("2300.33"))
    assert (due.worker_share, due.employer_share) == (Decimal("115.02"), Decimal("161.02"))
    assert record.summary.total_due == posted.total_due == Decimal("276.04")
    assert record.summary.employer_name == "Kora Textiles"


def test_a_month_is_assessed_under_the_ceiling_in_force_in_that_month(world: World) -> None:
    june = world.declare("2026-06", (AMINA_NUMBER, "3000.00"))
    july = world.declare("2026-07", (AMINA_NUMBER, "3000.00"))

    with opened(world):
        insurable = dict(Liability.objects.values_list("wage_line__declaration_id", "insurable"))

    assert insurable == {june.id: Decimal("2000.00"), july.id: Decimal("2500.00")}


def test_what_is_due_is_in_the_books_once_under_the_employer(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"), ("", "500.00"))

    (posting,) = Posting.objects.filter(reference_id=posted.id)

    assert (posting.debit_id, posting.credit_id) == ("1200", "4100")
    assert posting.amount == posted.total_due == Decimal("180.00")
    assert (posting.party_kind, posting.party_id) == ("employer", world.kora)


def test_lines_that_name_nobody_wait_in_suspense_with_one_task_and_are_due_like_others(
    world: World,
) -> None:
    posted = world.declare(
        "2026-08", (AMINA_NUMBER, "1000.00"), ("no such number", "400.00"), ("", "300.00")
    )

    suspense = queries.suspense_lines_page(access=world.emil)
    task = Task.objects.get(subject_id=posted.id)

    assert posted.suspense_count == suspense.total == 2
    assert [line.wage for line in suspense.rows] == [Decimal("400.00"), Decimal("300.00")]
    assert all(line.person_id is None and line.due for line in suspense.rows)
    assert (task.role, task.details["lines"]) == ("employer-officer", 2)


def test_a_header_that_differs_from_its_lines_by_a_cent_posts_nothing(world: World) -> None:
    good = declaration("2026-07", (AMINA_NUMBER, "1000.00"), employer_id=world.kora)
    off = replace(
        declaration("2026-08", (AMINA_NUMBER, "1000.00"), employer_id=world.kora),
        declared_total=Decimal("1000.01"),
    )

    with pytest.raises(
        TotalsDiffer, match=r"1000\.01 in wages; its lines are 1 and add up to 1000"
    ):
        post_declarations(
            declarations=[good, off],
            received_file_id=world.received_file(),
            access=world.emil,
            at=AT,
        )

    assert not Declaration.objects.exists()
    assert not Posting.objects.exists()


def test_a_header_that_counts_one_line_more_posts_nothing(world: World) -> None:
    off = replace(
        declaration("2026-08", (AMINA_NUMBER, "1000.00"), employer_id=world.kora), declared_lines=2
    )

    with pytest.raises(TotalsDiffer):
        world.post(off)


def test_a_month_is_declared_once_by_an_employer(world: World) -> None:
    world.pay_in("2026-08")

    with pytest.raises(AlreadyDeclared, match="has declared 2026-08 already"):
        world.pay_in("2026-08")

    assert Declaration.objects.count() == 1


def test_a_file_that_declares_a_month_twice_is_refused_whole(world: World) -> None:
    twice = [
        declaration("2026-08", (AMINA_NUMBER, "1000.00"), employer_id=world.kora),
        declaration("2026-08", (AMINA_NUMBER, "900.00"), employer_id=world.kora),
    ]

    with pytest.raises(AlreadyDeclared):
        post_declarations(
            declarations=twice, received_file_id=world.received_file(), access=world.emil, at=AT
        )

    assert not Declaration.objects.exists()


def test_two_lines_for_one_worker_are_refused_because_each_would_have_a_ceiling(
    world: World,
) -> None:
    with pytest.raises(WorkerDeclaredTwice, match="Lines 1 and 2"):
        world.declare("2026-08", (AMINA_NUMBER, "1000.00"), (f" {AMINA_NUMBER}", "1.00"))


@pytest.mark.parametrize(
    ("wage", "error"), [("-1.00", UnusableWage), ("10.005", NotARoundedAmount)]
)
def test_a_wage_below_zero_or_with_half_a_cent_posts_nothing(
    world: World, wage: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.declare("2026-08", (AMINA_NUMBER, wage))

    assert not Declaration.objects.exists()


def test_an_unregistered_employer_cannot_declare(world: World) -> None:
    with pytest.raises(UnknownEmployer):
        world.declare("2026-08", (AMINA_NUMBER, "1000.00"), employer_id=uuid4())


def test_a_wage_of_zero_is_posted_and_owes_nothing(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "0.00"))

    assert (posted.total_due, posted.is_assessed) == (Decimal("0.00"), True)
    assert not Posting.objects.exists()


def test_a_month_before_any_scheme_began_owes_nothing(world: World) -> None:
    posted = world.declare("1999-12", (AMINA_NUMBER, "1000.00"))

    assert (posted.total_due, posted.is_assessed) == (Decimal("0.00"), False)


def test_dario_cannot_declare(world: World) -> None:
    with pytest.raises(NotPermitted):
        world.post(
            declaration("2026-08", (AMINA_NUMBER, "1.00"), employer_id=world.kora),
            access=world.dario,
        )


def test_posting_takes_as_many_statements_for_ten_lines_as_for_a_thousand(world: World) -> None:
    counts = []
    # The first month of a process also reads the pack, once.
    for month, size in (("2026-01", 1), ("2026-02", 10), ("2026-03", 1000)):
        lines = [(f"unknown {number}", f"{1000 + number}.00") for number in range(size)]
        file_id = world.received_file()
        with CaptureQueriesContext(connection) as captured:
            post_declarations(
                declarations=[declaration(month, *lines, employer_id=world.kora)],
                received_file_id=file_id,
                access=world.emil,
                at=AT,
            )
        counts.append(len(captured))

    assert counts[1] == counts[2] <= 55


def test_posting_takes_as_many_statements_for_two_employers_as_for_twenty(world: World) -> None:
    counts = []
    # The first month of a process also reads the pack, once.
    for month, size in (("2026-01", 1), ("2026-02", 2), ("2026-03", 20)):
        file = [
            declaration(month, ("", "1000.00"), employer_id=world.employer(name=f"Mill {number}"))
            for number in range(size)
        ]
        file_id = world.received_file()
        with CaptureQueriesContext(connection) as captured:
            post_declarations(declarations=file, received_file_id=file_id, access=world.emil, at=AT)
        counts.append(len(captured))

    assert counts[1] == counts[2]


def test_a_posted_line_cannot_be_changed_deleted_or_moved_to_another_person(world: World) -> None:
    world.pay_in("2026-08")

    for change in ({"wage": Decimal("1.00")}, {"state": "suspense", "person_id": None}):
        with opened(world), pytest.raises(IntegrityError), transaction.atomic():
            WageLine.objects.update(**change)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        Liability.objects.all()._raw_delete("default")


def test_a_line_in_suspense_may_find_its_person_once(world: World) -> None:
    world.declare("2026-08", ("mistyped", "1000.00"))

    with opened(world):
        changed = WageLine.objects.update(state="matched", person_id=world.amina)

    assert changed == 1
    assert queries.wage_lines_of_person(person_id=world.amina, access=world.emil).total == 1


def test_what_is_due_on_a_line_is_explained_from_the_kept_pack_and_comes_out_the_same(
    world: World,
) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "3000.00"))
    (line,) = queries.declaration_record(declaration_id=posted.id, access=world.emil).lines.rows

    (why,) = queries.liabilities_explained(wage_line_id=line.id, access=world.emil, language="fr")

    assert why.is_equal
    assert (why.scheme, why.due.insurable) == ("test/old-age", Decimal("2500.00"))
    assert {used.title for used in why.explanation.parameters} == {
        "Plafond des salaires assurables"
    }
    assert "Test Order 12/2026" in why.explanation.laws


def test_a_line_nobody_declared_is_not_explained(world: World) -> None:
    with pytest.raises(queries.NoSuchWageLine):
        queries.liabilities_explained(wage_line_id=uuid4(), access=world.emil)
