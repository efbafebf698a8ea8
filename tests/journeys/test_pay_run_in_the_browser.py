"""A pay run approved and sent, and an employer's file taken in, in the browser."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from amparo.delivery.payments.operations import abandon_run, plan_run
from amparo.interfaces.cli.demonstration.bank import return_every
from amparo.values import Month
from tests.interfaces.web.institution import AT
from tests.journeys.conftest import Site
from tests.working import work_off


def test_gloria_approves_what_farid_prepared_and_the_file_is_there(site: Site) -> None:
    window = site.visit("gloria")
    window.goto("/runs/")
    window.get_by_role("row", name="November 2026").get_by_role("link").first.click()

    window.get_by_label("I have read the comparison and the totals.").check()
    window.get_by_role("button", name="Approve run").click()
    expect(window.get_by_role("status")).to_contain_text("Approved.")
    window.get_by_label("I have the approved totals before me").check()
    window.get_by_role("button", name="Send run").click()
    expect(window.get_by_text("checked once more and entered in the books")).to_be_visible()
    work_off()
    # Nobody reloads the page: it asks for itself.
    expect(window.locator("#work").get_by_role("status")).to_contain_text("1 file is ready")
    window.get_by_role("link", name="Go to the run").click()

    with window.expect_download() as started:
        window.get_by_role("group", name="Files for the bank").get_by_role("link").click()
    text = Path(started.value.path()).read_text()
    assert "pain.001.001.09" in text


def test_a_month_is_paid_from_plan_to_return(site: Site, tmp_path: Path) -> None:
    known = site.institution
    farid_may = known.access("farid")
    abandon_run(run_id=known.runs["compared"], reason="Again.", access=farid_may, at=AT)

    # Farid plans and prepares, and may not approve.
    farid = site.visit("farid")
    farid.goto("/runs/")
    farid.get_by_label("Month").fill("2026-11")
    farid.get_by_role("button", name="Plan the run").click()
    expect(farid.get_by_role("status")).to_contain_text("Prepare it next")
    run = farid.url
    farid.get_by_role("button", name="Prepare run").click()
    work_off()
    expect(farid.locator("#work")).to_contain_text("Somebody else approves it now")
    farid.get_by_role("link", name="Go to the run").click()
    expect(farid.get_by_role("group", name="Compared with PR-2026-000001")).to_be_visible()
    expect(farid.get_by_role("button", name="Approve run")).to_have_count(0)

    # Gloria finds it in her inbox, approves what she sees, and sends it.
    gloria = site.visit("gloria")
    gloria.goto("/")
    gloria.get_by_role("row", name="Approve a pay run").get_by_role("link").last.click()
    assert gloria.url == run
    gloria.get_by_label("I have read the comparison and the totals.").check()
    gloria.get_by_role("button", name="Approve run").click()
    expect(gloria.get_by_role("status")).to_contain_text("Approved.")
    gloria.get_by_label("I have the approved totals before me").check()
    gloria.get_by_role("button", name="Send run").click()
    work_off()
    expect(gloria.locator("#work")).to_contain_text("1 file is ready")
    gloria.get_by_role("link", name="Go to the run").click()
    with gloria.expect_download() as started:
        gloria.get_by_role("group", name="Files for the bank").get_by_role("link").click()
    payment_file = tmp_path / "sent.xml"
    started.value.save_as(payment_file)

    # The bank returns all of it; Farid reads that in.
    statement = tmp_path / "returns.xml"
    returned = return_every(nth=1, payment_files=[payment_file], at=AT, answer=statement)
    farid.goto("/statements/")
    farid.get_by_label("File", exact=True).set_input_files(statement)
    farid.get_by_role("button", name="Read in").click()
    expect(farid.get_by_role("status")).to_contain_text("Accepted.")
    farid.goto("/")
    expect(farid.get_by_role("row", name="Look at a payment that came back")).to_have_count(
        returned
    )

    # It shows on the person's page and in the books, which balance.
    farid.goto(f"/people/{known.people['josefa']}/payments/")
    expect(farid.get_by_role("row", name="PR-2026-000003")).to_contain_text("Returned")
    farid.goto("/ledger/")
    expect(farid.locator(".am-figures li", has_text="Difference")).to_contain_text("0.00")
    farid.get_by_role("link", name="2200", exact=True).click()
    farid.get_by_role("row", name="rejected or returned").get_by_role("link").first.click()
    expect(farid.get_by_role("row", name="Returned payments to pay out again")).to_be_visible()
    assert returned == 1


def test_who_may_not_pay_meets_a_refusal_at_each_door(site: Site) -> None:
    run = f"/runs/{site.institution.runs['compared']}/"
    esther, dario = site.visit("esther"), site.visit("dario")

    esther.goto(run)
    expect(esther.get_by_role("heading", name="Your role does not include")).to_be_visible()
    expect(esther.locator("main")).to_contain_text("payments.read")
    dario.goto(run)
    expect(dario.get_by_role("heading", name="You hold no role today")).to_be_visible()
    farid = site.visit("farid")
    farid.goto(run)
    token = farid.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = farid.request.post(
        f"{run}approve/",
        form={"csrfmiddlewaretoken": token, "confirmed": "yes"},
        headers={"Referer": farid.url},
    )

    # By hand past the missing button: the server refuses just the same.
    assert answer.status == 403
    assert "payments.approve" in answer.text()
    farid.reload()
    expect(farid.locator("[aria-current=step]")).to_have_text("Compared")


def test_a_faulty_declaration_is_answered_row_by_row(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "faulty.csv"
    path.write_text(
        "employer_number,month,declared_lines,declared_total,national_id,name,wage\n"
        "E-2026-000001-6,2026-09,1,100.00,1963022801,Amina Juma,1,00\n"
    )
    window = site.visit("esther")
    window.goto("/declarations/upload/")

    window.get_by_label("File", exact=True).set_input_files(path)
    window.get_by_role("button", name="Upload and post").click()

    expect(window.get_by_role("status")).to_contain_text("Nothing was posted")
    expect(window.get_by_role("group", name="What is wrong, and what to do")).to_be_visible()
    with window.expect_download() as started:
        window.get_by_role("link", name="Download the error file").click()
    assert Path(started.value.path()).read_text().startswith("row,column,reason,remedy")


def test_a_run_is_prepared_without_javascript(site: Site) -> None:
    farid = site.institution.access("farid")
    abandon_run(run_id=site.institution.runs["compared"], reason="Again.", access=farid, at=AT)
    plan_run(month=Month(2026, 11), access=farid, at=AT)
    window = site.visit("farid", java_script_enabled=False)
    window.goto("/runs/")
    window.get_by_role("link", name="PR-2026-000003").click()

    window.get_by_role("button", name="Prepare run").click()
    waiting = window.get_by_text("What is due is being fixed").is_visible()
    work_off()

    # The page loads itself again every two seconds.
    expect(window.get_by_role("status").last).to_contain_text("Somebody else approves it now")
    assert waiting


def test_the_page_of_a_waiting_work_says_that_nobody_works(
    site: Site, accessible: Callable[[Page], None]
) -> None:
    window = site.visit("esther")

    window.goto(f"/files/work/{site.institution.posting}/")

    expect(window.locator("#work")).to_contain_text("the background jobs of this installation do")
    accessible(window)


def test_a_large_declaration_is_posted_in_the_background(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = "".join(
        f"E-2026-000001-6,2026-09,6000,600000.00,,Worker {chr(65 + n % 26)},100.00\n"
        for n in range(6000)
    )
    path.write_text(
        f"employer_number,month,declared_lines,declared_total,national_id,name,wage\n{rows}"
    )
    window = site.visit("esther")
    window.goto("/declarations/upload/")

    window.get_by_label("File", exact=True).set_input_files(path)
    window.get_by_role("button", name="Upload and post").click()
    expect(window.get_by_role("heading", name="large.csv")).to_be_visible()
    work_off()

    expect(window.locator("#work")).to_contain_text("Accepted: 6,000 rows were posted.")
    expect(window.locator("#work")).to_contain_text("wait in suspense")
