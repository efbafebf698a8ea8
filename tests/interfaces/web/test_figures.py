"""The dashboard: what it counts, what it judges by, and that the unknown is never met."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from amparo.delivery.claims.queries import ClaimFigures, MonthOfDecisions, claim_figures
from amparo.delivery.contributions.queries import (
    declarations_by_month,
    employers_without_declaration,
)
from amparo.delivery.payments.queries import payment_figures
from amparo.interfaces.web import charts
from amparo.interfaces.web.addresses import start_of
from amparo.interfaces.web.parts import Measure
from amparo.interfaces.web.tables import Table
from amparo.office.queries import open_work, task_flow
from amparo.values import Month
from tests.interfaces.web.institution import AT, Institution

SignIn = Callable[[str], Client]
NOVEMBER = Month(2026, 11)
DUE = date(2026, 12, 18)  # 45 days after 3 November: the social pension's statutory days


@pytest.fixture
def _in_november() -> Iterator[None]:
    """Let pages be asked for in the month of which they tell."""
    with time_machine.travel(AT + timedelta(days=1), tick=True):
        yield


def measures(client: Client) -> dict[str, Measure]:
    answer = client.get("/figures/")
    return {one.name: one for part in answer.context["parts"] for one in part.measures}


def claims(institution: Institution, *, on: date = DUE, lately: datetime = AT) -> ClaimFigures:
    months = (NOVEMBER.previous(), NOVEMBER)
    return claim_figures(
        access=institution.access("musa"),
        on=on,
        lately=lately,
        months=months,
        since=start_of(months[0].starts_on),
    )


def test_claims_are_late_from_the_day_after_the_laws_day(institution: Institution) -> None:
    (on_the_day,) = claims(institution).waiting
    (the_day_after,) = claims(institution, on=DUE + timedelta(days=1)).waiting

    assert (on_the_day.count, on_the_day.late, on_the_day.days) == (3, 0, (45, 45))
    assert (the_day_after.late, the_day_after.oldest_on) == (3, AT.date())


def test_what_came_in_and_what_was_decided_is_counted_from_an_instant(
    institution: Institution,
) -> None:
    found, later = claims(institution), claims(institution, lately=AT + timedelta(seconds=1))

    assert (found.taken, found.decided) == (5, 2)
    assert (later.taken, later.decided) == (0, 0)


def test_decisions_are_counted_in_the_month_they_were_made(institution: Institution) -> None:
    assert claims(institution).months == (
        MonthOfDecisions(month=NOVEMBER.previous(), granted=0, refused=0, undetermined=0),
        MonthOfDecisions(month=NOVEMBER, granted=1, refused=1, undetermined=1),
    )


def test_a_runs_money_is_told_apart_by_the_banks_word(institution: Institution) -> None:
    found = payment_figures(access=institution.access("musa"), runs=6)

    (run,) = found.runs
    assert run.run_id == institution.runs["transmitted"]
    assert {run.settled, run.came_back, run.held} == {Decimal(0)}
    assert run.unanswered == run.total > 0
    assert (found.suspense_count, found.suspense_amount) == (0, Decimal("0.00"))


def test_who_employed_somebody_and_did_not_declare_is_missing(institution: Institution) -> None:
    months = (Month(2024, 1), Month(2024, 2), Month(2026, 10))

    found = declarations_by_month(access=institution.access("musa"), months=months)
    missing = employers_without_declaration(month=Month(2024, 2), access=institution.access("musa"))

    # Both were hired on 29 February 2024.
    assert [(one.employing, one.missing, one.received) for one in found] == [
        (0, 0, 0),
        (1, 1, 0),
        (1, 0, 1),
    ]
    assert found[2].wages == Decimal("4150.00")
    assert [one.name for one in missing.rows] == ["Kora Textiles"]


def test_open_work_is_told_apart_by_age_and_lateness(institution: Institution) -> None:
    musa = institution.access("musa")

    young = open_work(access=musa, on=AT.date(), at=AT + timedelta(days=7))
    middle = open_work(access=musa, on=AT.date(), at=AT + timedelta(days=30))
    old = open_work(access=musa, on=DUE + timedelta(days=1), at=AT + timedelta(days=31))

    def totals(found: tuple[object, ...], name: str) -> int:
        return sum(getattr(one, name) for one in found)

    assert totals(young, "within_week") == totals(young, "count") > 0
    assert totals(middle, "within_month") == totals(middle, "count")
    assert totals(old, "older") == totals(old, "count")
    assert (totals(young, "late"), totals(old, "late")) == (0, 3)
    opened, closed = task_flow(access=musa, since=AT)
    assert opened - closed == totals(young, "count")


@pytest.mark.usefixtures("_in_november")
def test_the_page_judges_only_by_targets_that_exist(
    institution: Institution, sign_in: SignIn
) -> None:
    shown = measures(sign_in("musa"))

    judged = {name for name, one in shown.items() if one.state in {"met", "missed"}}
    assert judged == {"Past the law's day", "Tasks past their due day"}
    assert shown["Past the law's day"].state == "met"
    assert all(one.target for one in shown.values() if one.state in {"met", "missed"})
    collected = shown["Collected"]
    assert (collected.state, collected.value, collected.tone) == ("unknown", "", "wait")


@pytest.mark.usefixtures("_in_november")
def test_without_a_run_its_money_is_unknown_and_not_zero(
    staff: Institution, sign_in: SignIn
) -> None:
    shown = measures(sign_in("musa"))

    assert shown["Paid by the last run"].state == "unknown"
    assert shown["Paid by the last run"].value == ""


@pytest.mark.usefixtures("_in_november")
def test_each_figure_leads_to_its_rows_in_two_clicks(
    institution: Institution, sign_in: SignIn
) -> None:
    client = sign_in("musa")

    for measure in measures(client).values():
        if measure.href:
            assert client.get(measure.href).status_code == 200, measure.name
    waiting = client.get("/claims/?state=waiting").content.decode()
    late = client.get("/claims/?state=late").content.decode()
    with time_machine.travel(AT.replace(year=2027), tick=True):
        later = sign_in("musa").get("/claims/?state=late").content.decode()
    missing = client.get("/declarations/missing/?month=2024-02").content.decode()
    work = client.get("/tasks/?role=claims-approver").content.decode()
    assert len(re.findall(r"CL-2026-", waiting)) == 3
    assert "CL-2026-" not in late
    assert len(re.findall(r"CL-2026-", later)) == 3
    assert "Kora Textiles" in missing
    assert "Approve a claim" in work


@pytest.mark.usefixtures("_in_november")
def test_a_chart_says_each_piece_and_stands_beside_its_table(
    institution: Institution, sign_in: SignIn
) -> None:
    page = sign_in("musa").get("/figures/").content.decode()

    assert "<title>2026-11, granted: 1</title>" in page
    assert page.count('role="img"') == 2
    assert page.count("<caption>Decisions by month</caption>") == 1
    assert "style=" not in page


def test_columns_reach_the_ceiling_and_empty_ones_draw_nothing() -> None:
    table = Table(name="none", caption="", columns=(), rows=(), empty="")
    columns = [
        charts.Column(name="a", pieces=(Decimal(1), Decimal(3))),
        charts.Column(name="b", pieces=(Decimal(0), Decimal(0))),
    ]

    chart = charts.stacked(name="c", title="C", legend=("x", "y"), columns=columns, table=table)
    nothing = charts.stacked(name="c", title="C", legend=("x",), columns=columns[1:], table=table)

    first, second = chart.bars
    assert first.y + first.height == 172
    assert (second.y, second.y + second.height) == (first.y - second.height, first.y)
    assert first.height + second.height <= 158
    assert (first.height, second.height) == (39, 118)
    assert [label.text for label in chart.labels] == ["a", "b"]
    assert nothing.bars == []
