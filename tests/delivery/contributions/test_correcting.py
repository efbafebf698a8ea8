"""Declarations put right by differences in their own month; lines in suspense find their person."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from amparo.delivery.contributions.account import insurance_record
from amparo.delivery.contributions.models import (
    Declaration,
    Liability,
    WageLine,
    WageLineMatch,
)
from amparo.delivery.contributions.operations import (
    CorrectedLine,
    CorrectionPosted,
    DeclarationPosted,
    UnableToCorrect,
    UnableToMatchLine,
    UnusableWage,
    WorkerDeclaredTwice,
    correct_declaration,
    match_wage_line,
)
from amparo.delivery.contributions.references import creditor_reference
from amparo.office.models import Task
from amparo.values import NotPermitted
from tests.delivery.contributions.collecting import (
    Office,
    books,
    credit,
    open_of,
    suspended_of,
)
from tests.delivery.world import AMINA_NUMBER, AT, SCHEME, World, opened

D = Decimal


def line_of(world: World, posted: DeclarationPosted) -> UUID:
    with opened(world):
        return WageLine.objects.get(declaration_id=posted.id).id


def correct(
    world: World, posted: DeclarationPosted, wage: str | None, *, reason: str = "Mistyped."
) -> CorrectionPosted:
    return correct_declaration(
        declaration_id=posted.id,
        lines=[
            CorrectedLine(
                wage_line_id=line_of(world, posted), wage=None if wage is None else D(wage)
            )
        ],
        reason=reason,
        access=world.emil,
        at=AT,
    )


def account(world: World) -> tuple[int, Decimal]:
    with opened(world):
        found = insurance_record(person_id=world.amina, scheme=SCHEME, before=date(2026, 12, 1))
    return found.months, found.total_earnings


def test_a_wage_declared_too_low_is_charged_by_its_difference(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))

    done = correct(world, posted, "1500.00")

    assert (done.wages, done.due) == (D("500.00"), D("60.00"))
    assert open_of(world.kora) == D("180.00")
    assert account(world) == (1, D("1500.00"))
    assert books() == {"1200": D("180.00"), "4100": D("-180.00")}
    original = Declaration.objects.get(id=posted.id)
    assert (original.total_wages, original.sequence) == (D("1000.00"), 0)


def test_the_ceiling_counts_for_the_whole_wage_and_not_for_the_difference(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "2400.00"))

    done = correct(world, posted, "3000.00")

    assert done.due == D("12.00")  # 2500 is the ceiling: 12 % of 100
    assert account(world) == (1, D("2500.00"))


def test_what_was_paid_on_a_wage_too_high_comes_back_to_the_account(office: Office) -> None:
    world = office.world
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    office.take_in(credit("120.00", text=creditor_reference(number=posted.number)))

    correct(world, posted, "400.00")

    assert (open_of(world.kora), suspended_of(world.kora)) == (D(0), D("72.00"))
    assert books() == {"1000": D("120.00"), "2300": D("-72.00"), "4100": D("-48.00")}


def test_any_order_of_corrections_gives_the_same_account(world: World) -> None:
    for month, wages in (("2026-08", ("700.00", "1200.00")), ("2026-09", ("1200.00", "700.00"))):
        posted = world.declare(month, (AMINA_NUMBER, "1000.00"))
        for wage in (*wages, "900.00"):
            correct(world, posted, wage)

    with opened(world):
        sums = {
            month: sum(line.wage for line in WageLine.objects.filter(declaration__month=month))
            for month in (date(2026, 8, 1), date(2026, 9, 1))
        }
    assert set(sums.values()) == {D("900.00")}
    assert open_of(world.kora) == D("216.00")


def test_a_worker_taken_out_has_no_month_left(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))

    correct(world, posted, None)

    assert account(world) == (0, D("0.00"))
    assert open_of(world.kora) == D(0)


def test_a_correction_that_changes_nothing_is_refused(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    correct(world, posted, "1500.00")

    with pytest.raises(UnableToCorrect, match="Nothing differs"):
        correct(world, posted, "1500.00")

    assert Declaration.objects.count() == 2


def test_a_wage_below_zero_or_without_a_reason_is_refused(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))

    with pytest.raises(UnusableWage):
        correct(world, posted, "-0.01")
    with pytest.raises(UnableToCorrect, match="Say why"):
        correct(world, posted, "1.00", reason=" ")


def test_a_correction_is_not_corrected_but_its_original(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    done = correct(world, posted, "1500.00")

    with pytest.raises(UnableToCorrect, match="Only an original"):
        correct_declaration(
            declaration_id=done.id,
            lines=[CorrectedLine(wage_line_id=line_of(world, posted), wage=D(1))],
            reason="x",
            access=world.emil,
            at=AT,
        )


def test_another_declarations_line_is_refused(world: World) -> None:
    august = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    september = world.declare("2026-09", (AMINA_NUMBER, "1000.00"))

    with pytest.raises(UnableToCorrect, match="not a line of this declaration"):
        correct_declaration(
            declaration_id=august.id,
            lines=[CorrectedLine(wage_line_id=line_of(world, september), wage=D(1))],
            reason="x",
            access=world.emil,
            at=AT,
        )


def test_dario_corrects_and_matches_nothing(world: World) -> None:
    posted = world.declare("2026-08", ("1963022802", "1000.00"))
    line = line_of(world, posted)

    with pytest.raises(NotPermitted):
        correct_declaration(
            declaration_id=posted.id,
            lines=[CorrectedLine(wage_line_id=line, wage=D(1))],
            reason="x",
            access=world.dario,
            at=AT,
        )
    with pytest.raises(NotPermitted):
        match_wage_line(
            wage_line_id=line, person_id=world.amina, reason="x", access=world.dario, at=AT
        )


# --- the database itself ----------------------------------------------------------------------


def test_raw_sql_takes_no_more_away_than_was_declared(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    line = line_of(world, posted)

    def correction(wage: str, month: date) -> None:
        with transaction.atomic(), opened(world):
            header = Declaration(
                number=f"DE-{wage}",
                employer_id=world.kora,
                month=month,
                corrects_id=posted.id,
                sequence=1,
                reason="x",
                state="posted",
                line_count=1,
                total_wages=D(wage),
                currency="XTS",
                received_at=AT,
                received_by=world.emil.actor_id,
            )
            Declaration.objects.bulk_create([header])
            WageLine.objects.bulk_create(
                [
                    WageLine(
                        declaration=header,
                        line_number=1,
                        person_id=world.amina,
                        wage=D(wage),
                        state="matched",
                        corrects_id=line,
                    )
                ]
            )

    with pytest.raises(IntegrityError, match="take away more than was declared"):
        correction("-1000.01", date(2026, 8, 1))
    with pytest.raises(IntegrityError, match="same employer and month"):
        correction("-1.00", date(2026, 9, 1))


# --- suspense ---------------------------------------------------------------------------------


def match(world: World, line: UUID, person: UUID, *, reason: str = "The payslip.") -> None:
    match_wage_line(wage_line_id=line, person_id=person, reason=reason, access=world.emil, at=AT)


def test_a_line_that_finds_its_person_counts_for_them(world: World) -> None:
    posted = world.declare("2026-08", ("1963022810", "1000.00"))

    match(world, line_of(world, posted), world.amina)

    assert account(world) == (1, D("1000.00"))
    with opened(world):
        kept = WageLineMatch.objects.get()
    assert (kept.person_id, kept.reason) == (world.amina, "The payslip.")
    assert Task.objects.get(subject_id=posted.id).closed_at == AT


def test_the_task_stays_while_another_line_waits(world: World) -> None:
    posted = world.declare("2026-08", ("1963022810", "1000.00"), ("nobody", "900.00"))
    with opened(world):
        first = WageLine.objects.get(declaration_id=posted.id, line_number=1).id

    match(world, first, world.amina)

    assert Task.objects.get(subject_id=posted.id).closed_at is None


def test_a_line_corrected_in_suspense_finds_its_person_with_its_difference(world: World) -> None:
    posted = world.declare("2026-08", ("1963022810", "1000.00"))
    line = line_of(world, posted)
    correct(world, posted, "800.00")

    match(world, line, world.amina)

    assert account(world) == (1, D("800.00"))
    with opened(world):
        assert not Liability.objects.filter(wage_line__state="suspense").exists()


def test_a_person_with_a_line_in_the_declaration_gets_no_second(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"), ("1963022810", "50.00"))
    with opened(world):
        waiting = WageLine.objects.get(declaration_id=posted.id, state="suspense").id

    with pytest.raises(WorkerDeclaredTwice):
        match(world, waiting, world.amina)


def test_a_line_is_matched_once_and_with_a_reason(world: World) -> None:
    posted = world.declare("2026-08", ("1963022810", "1000.00"))
    line = line_of(world, posted)

    with pytest.raises(UnableToMatchLine, match="Say how"):
        match(world, line, world.amina, reason=" ")
    with pytest.raises(UnableToMatchLine, match="no such person"):
        match(world, line, world.kora)
    match(world, line, world.amina)
    with pytest.raises(UnableToMatchLine, match="does not wait"):
        match(world, line, world.amina)


def test_figures_count_a_corrected_month_once(world: World) -> None:
    posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    correct(world, posted, "900.00")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE sequence = 0), sum(total_wages)"
            " FROM contributions_declaration"
        )
        assert cursor.fetchone() == (1, D("900.00"))
