"""Files of employers, employments, taken-on years and wage declarations."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from amparo.delivery.contributions.models import Declaration, TakenOnYear, WageLine
from amparo.delivery.ledger.models import Posting
from amparo.interfaces.files.imports import (
    DECLARATIONS,
    EMPLOYERS,
    EMPLOYMENTS,
    HISTORY,
    ImportOutcome,
    import_declarations,
    import_employers,
    import_employments,
    import_history,
)
from amparo.journal.reading import reading
from amparo.office.models import Task
from amparo.register import queries
from amparo.values import NotPermitted, Right
from tests.delivery import world as worlds
from tests.delivery.world import AMINA_NUMBER, AT
from tests.interfaces.files.conftest import row_counts

AFile = Callable[..., Path]
Take = Callable[[str], ImportOutcome]


@pytest.fixture
def world(db: None, tmp_path: Path) -> worlds.World:
    return worlds.build(tmp_path)


@pytest.fixture
def kora(world: worlds.World) -> str:
    """The number of Kora Textiles."""
    (employer,) = queries.find_employers(text="Kora Textiles", access=world.emil).rows
    return employer.number


def table(header: tuple[str, ...], *rows: str) -> str:
    return "".join(f"{line}\n" for line in (",".join(header), *rows))


@pytest.fixture
def declare(world: worlds.World, a_file: AFile) -> Take:
    return lambda text: import_declarations(path=a_file(text), access=world.emil, at=AT)


def declaration(*rows: str) -> str:
    return table(DECLARATIONS, *rows)


def assert_refused(outcome: ImportOutcome, before: dict[str, int], *where: tuple[int, str]) -> None:
    assert outcome.status == "rejected"
    assert row_counts() == before
    assert [(error.row, error.column) for error in outcome.listed] == list(where)


# --- declarations -----------------------------------------------------------------------------


def test_a_file_of_declarations_is_assessed_and_posted(declare: Take, kora: str) -> None:
    outcome = declare(
        declaration(
            f"{kora},2026-09,2,1500.50,{AMINA_NUMBER},Amina Kipsang,1000.00",
            f"{kora},2026-09,2,1500.50,,Somebody New,500.5",
            f"{kora},2026-10,1,1000.00,{AMINA_NUMBER},Amina Kipsang,1000",
        )
    )

    assert (outcome.status, outcome.rows) == ("accepted", 3)
    assert outcome.notices == ("1 line names nobody in the register and waits in suspense.",)
    assert Declaration.objects.count() == 2
    assert Posting.objects.count() == 2
    assert Task.objects.filter(kind="wage lines in suspense").count() == 1
    assert set(Declaration.objects.values_list("received_file", flat=True)) == {
        outcome.received_file_id
    }


def test_a_month_for_which_no_scheme_collects_is_posted_with_a_notice(
    declare: Take, kora: str
) -> None:
    outcome = declare(
        declaration(
            f"{kora},1999-12,1,1000.00,{AMINA_NUMBER},Amina Kipsang,1000.00",
            f"{kora},2026-10,1,1000.00,{AMINA_NUMBER},Amina Kipsang,1000.00",
        )
    )

    assert outcome.status == "accepted"
    (notice,) = outcome.notices
    assert notice.startswith("No scheme collects contributions for 1999-12:")
    assert Declaration.objects.count() == 2
    assert Posting.objects.count() == 1


def test_an_identifier_typed_with_blanks_and_dashes_is_understood(
    declare: Take, kora: str, world: worlds.World
) -> None:
    typed = f"{AMINA_NUMBER[:4]}-{AMINA_NUMBER[4:]} "

    declare(declaration(f"{kora},2026-10,1,1000.00,{typed},Amina,1000.00"))

    with reading(access=world.emil, right=Right.PERSON_READ):
        assert WageLine.objects.values_list("person_id", "state").get() == (world.amina, "matched")


def test_an_unknown_worker_waits_in_suspense_and_does_not_stop_the_others(
    declare: Take, kora: str, world: worlds.World
) -> None:
    outcome = declare(
        declaration(
            f"{kora},2026-10,2,300.00,9999999999,Mistyped,100.00",
            f"{kora},2026-10,2,300.00,{AMINA_NUMBER},Amina,200.00",
        )
    )

    assert outcome.status == "accepted"
    with reading(access=world.emil, right=Right.PERSON_READ):
        states = list(WageLine.objects.order_by("line_number").values_list("state", flat=True))
    assert states == ["suspense", "matched"]


LINES = {
    "a comma in the wage": (
        ['KORA,2026-10,1,1234.50,{amina},Amina,"1,234.50"'],
        [(2, "wage")],
        "comma",
    ),
    "a comma for the cents": (
        ['KORA,2026-10,1,1234.50,{amina},Amina,"1234,50"'],
        [(2, "wage")],
        "comma",
    ),
    "a negative wage": (
        ["KORA,2026-10,1,0,{amina},Amina,-12.50"],
        [(2, "wage")],
        "negative",
    ),
    "three decimals": (["KORA,2026-10,1,1.005,{amina},Amina,1"], [(2, "declared_total")], "amount"),
    "a formula in a name": (
        ["KORA,2026-10,1,1.00,{amina},=cmd|A1,1.00"],
        [(2, "name")],
        "formula",
    ),
    "a month that does not exist": (
        ["KORA,2026-13,1,1.00,{amina},Amina,1.00"],
        [(2, "month")],
        "not a month",
    ),
    "a month to come": (["KORA,2026-12,1,1.00,{amina},Amina,1.00"], [(2, "month")], "not begun"),
    "an unknown employer": (
        ["9999999,2026-10,1,1.00,{amina},Amina,1.00"],
        [(2, "employer_number")],
        "No employer",
    ),
    "a total that differs": (
        ["KORA,2026-10,1,2.00,{amina},Amina,1.00"],
        [(2, "declared_total")],
        "add up",
    ),
    "half of the lines": (
        ["KORA,2026-10,2,2.00,{amina},Amina,1.00"],
        [(2, "declared_lines"), (2, "declared_total")],
        "1 lines",
    ),
    "a header that changes": (
        ["KORA,2026-10,2,2.00,{amina},Amina,1.00", "KORA,2026-10,2,3.00,,Other,1.00"],
        [(3, "declared_total")],
        "first row",
    ),
    "a worker twice": (
        ["KORA,2026-10,2,2.00,{amina},Amina,1.00", "KORA,2026-10,2,2.00,{amina},Amina,1.00"],
        [(3, "national_id")],
        "same worker",
    ),
    "no lines at all": (
        ["KORA,2026-10,0,0.00,{amina},Amina,1.00"],
        [(2, "declared_lines")],
        "whole number",
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_a_bad_line_refuses_every_declaration_of_the_file(
    what: str, declare: Take, kora: str
) -> None:
    rows, where, reason = LINES[what]
    written = [row.replace("KORA", kora).format(amina=AMINA_NUMBER) for row in rows]
    sound = f"{kora},2026-08,1,1.00,{AMINA_NUMBER},Amina,1.00"
    before = row_counts()

    outcome = declare(declaration(*written, sound))

    assert_refused(outcome, before, *where)
    assert reason in outcome.listed[0].reason


def test_a_month_declared_before_refuses_the_file_and_names_it(declare: Take, kora: str) -> None:
    declare(declaration(f"{kora},2026-10,1,1.00,{AMINA_NUMBER},Amina,1.00"))
    before = row_counts()

    outcome = declare(declaration(f"{kora},2026-10,1,2.00,{AMINA_NUMBER},Amina,2.00"))

    assert_refused(outcome, before, (0, ""))
    assert f"{kora} has declared 2026-10 already" in outcome.listed[0].reason


def test_the_same_declarations_again_post_nothing(declare: Take, kora: str) -> None:
    text = declaration(f"{kora},2026-10,1,1.00,{AMINA_NUMBER},Amina,1.00")
    declare(text)
    before = row_counts()

    again = declare(text)

    assert (again.status, again.earlier) == ("already", AT)
    assert row_counts() == before


def test_who_may_not_receive_declarations_posts_none(
    world: worlds.World, kora: str, a_file: AFile
) -> None:
    path = a_file(declaration(f"{kora},2026-10,1,1.00,{AMINA_NUMBER},Amina,1.00"))

    with pytest.raises(NotPermitted):
        import_declarations(path=path, access=world.dario, at=AT)


# --- employers and employments ----------------------------------------------------------------


def test_employers_come_in_with_their_numbers_or_get_one(
    world: worlds.World, a_file: AFile
) -> None:
    text = table(EMPLOYERS, "100-0009,Loom & Sons,1392,Kora", ",Nameless Grove,0119,Lakeside")

    outcome = import_employers(path=a_file(text), access=world.emil, at=AT)

    assert (outcome.status, outcome.rows) == ("accepted", 2)
    (loom,) = queries.find_employers(text="1000009", access=world.emil).rows
    assert (loom.name, loom.number) == ("Loom & Sons", "100-0009")
    (grove,) = queries.find_employers(text="nameles grove", access=world.emil).rows
    assert grove.number.startswith("E-2026-")
    assert outcome.numbers_file is not None
    assert grove.number in outcome.numbers_file.read_text(encoding="utf-8")


def test_an_employer_number_is_taken_once(world: worlds.World, a_file: AFile) -> None:
    first = table(EMPLOYERS, "1000009,Loom,1392,Kora")
    import_employers(path=a_file(first), access=world.emil, at=AT)
    before = row_counts()
    twice = table(EMPLOYERS, "77,A,0119,Kora", "7-7,B,0119,Kora", "100-0009,C,0119,Kora")

    outcome = import_employers(path=a_file(twice), access=world.emil, at=AT)

    assert_refused(outcome, before, (3, "number"), (4, "number"))


def test_an_employer_needs_a_name_and_an_activity(world: worlds.World, a_file: AFile) -> None:
    before = row_counts()

    outcome = import_employers(
        path=a_file(table(EMPLOYERS, "77, ,,Kora")), access=world.emil, at=AT
    )

    assert_refused(outcome, before, (2, "name"), (2, "activity"))


def test_employments_come_in_between_those_registered(
    world: worlds.World, kora: str, a_file: AFile
) -> None:
    text = table(
        EMPLOYMENTS,
        f"{kora},{AMINA_NUMBER},2010-01-01,2012-03-01,7531",
        f"{kora},{AMINA_NUMBER},2012-03-01,,7531",
    )

    outcome = import_employments(path=a_file(text), access=world.emil, at=AT)

    assert (outcome.status, outcome.rows) == ("accepted", 2)
    record = queries.person_record(
        person_id=world.amina, access=world.emil, as_of=date(2026, 11, 20), known_at=AT
    )
    periods = [(work.times.starts_on, work.times.ends_before) for work in record.employments]
    assert periods == [(date(2012, 3, 1), None), (date(2010, 1, 1), date(2012, 3, 1))]


WORK = {
    "an unknown employer": ("99,{amina},2010-01-01,,", (2, "employer_number")),
    "an unknown worker": ("KORA,9999999999,2010-01-01,,", (2, "national_id")),
    "an end before the start": ("KORA,{amina},2010-01-01,2010-01-01,", (2, "ends_before")),
    "31 February": ("KORA,{amina},2025-02-31,,", (2, "starts_on")),
    "no start": ("KORA,{amina},,,", (2, "starts_on")),
}


@pytest.mark.parametrize("what", WORK)
def test_a_bad_employment_refuses_the_file(
    what: str, world: worlds.World, kora: str, a_file: AFile
) -> None:
    row, where = WORK[what]
    text = table(EMPLOYMENTS, row.replace("KORA", kora).format(amina=AMINA_NUMBER))
    before = row_counts()

    outcome = import_employments(path=a_file(text), access=world.emil, at=AT)

    assert_refused(outcome, before, where)


def test_employments_that_overlap_refuse_the_file(
    world: worlds.World, kora: str, a_file: AFile
) -> None:
    one = f"{kora},{AMINA_NUMBER},2010-01-01,2012-03-01,"
    other = f"{kora},{AMINA_NUMBER},2012-02-29,,"
    before = row_counts()

    together = import_employments(
        path=a_file(table(EMPLOYMENTS, one, other)), access=world.emil, at=AT
    )
    assert_refused(together, before, (3, "starts_on"))

    import_employments(path=a_file(table(EMPLOYMENTS, one)), access=world.emil, at=AT)
    before = row_counts()
    later = import_employments(path=a_file(table(EMPLOYMENTS, other)), access=world.emil, at=AT)
    assert_refused(later, before, (2, "starts_on"))


# --- years taken on ---------------------------------------------------------------------------


def test_years_of_an_older_system_are_taken_on(world: worlds.World, a_file: AFile) -> None:
    text = table(
        HISTORY,
        f"{AMINA_NUMBER},test/old-age,1998,12,12000.50",
        f"{AMINA_NUMBER},test/old-age,1999,7,9000",
        f"{AMINA_NUMBER},test/other,1999,5,1.00",
    )

    outcome = import_history(path=a_file(text), access=world.emil, at=AT)

    assert (outcome.status, outcome.rows) == ("accepted", 3)
    with reading(access=world.emil, right=Right.PERSON_READ):
        years = set(TakenOnYear.objects.values_list("scheme", "year", "months", "earnings"))
    assert years == {
        ("test/old-age", 1998, 12, Decimal("12000.50")),
        ("test/old-age", 1999, 7, Decimal("9000.00")),
        ("test/other", 1999, 5, Decimal("1.00")),
    }


YEARS = {
    "an unknown person": (
        ["9999999999,s,1999,12,1.00"],
        (2, "national_id"),
        "no registered person",
    ),
    "thirteen months": (["{amina},s,1999,13,1.00"], (2, "months"), "from 1 to 12"),
    "a year to come": (["{amina},s,2027,12,1.00"], (2, "year"), "from 1900 to 2026"),
    "negative earnings": (["{amina},s,1999,12,-1.00"], (2, "earnings"), "zero or more"),
    "a year twice": (
        ["{amina},s,1999,6,1.00", "{amina},s,1999,6,1.00"],
        (3, "year"),
        "one row",
    ),
}


@pytest.mark.parametrize("what", YEARS)
def test_a_bad_year_refuses_the_file(what: str, world: worlds.World, a_file: AFile) -> None:
    rows, where, words = YEARS[what]
    text = table(HISTORY, *(row.format(amina=AMINA_NUMBER) for row in rows))
    before = row_counts()

    outcome = import_history(path=a_file(text), access=world.emil, at=AT)

    assert_refused(outcome, before, where)
    assert words in outcome.listed[0].reason + outcome.listed[0].remedy


def test_a_year_taken_on_before_refuses_the_file(world: worlds.World, a_file: AFile) -> None:
    def take(earnings: str) -> ImportOutcome:
        text = table(HISTORY, f"{AMINA_NUMBER},s,1999,12,{earnings}")
        return import_history(path=a_file(text), access=world.emil, at=AT)

    take("1.00")
    before = row_counts()

    assert_refused(take("2.00"), before, (0, ""))
