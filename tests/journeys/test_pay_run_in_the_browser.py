"""A pay run approved and sent, and an employer's file taken in, in the browser."""

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Site


def test_gloria_approves_what_farid_prepared_and_the_file_is_there(site: Site) -> None:
    window = site.visit("gloria")
    window.goto("/runs/")
    window.get_by_role("row", name="November 2026").get_by_role("link").first.click()

    window.get_by_label("I have read the comparison and the totals.").check()
    window.get_by_role("button", name="Approve run").click()
    expect(window.get_by_role("status")).to_contain_text("Approved.")
    window.get_by_label("I have the approved totals before me").check()
    window.get_by_role("button", name="Send run").click()
    expect(window.get_by_role("status")).to_contain_text("1 file is ready")

    with window.expect_download() as started:
        window.get_by_role("group", name="Files for the bank").get_by_role("link").click()
    text = Path(started.value.path()).read_text()
    assert "pain.001.001.09" in text


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
