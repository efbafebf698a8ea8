"""Rules changed by a policy officer and decided by the board, by keyboard or without scripts."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from amparo.rules.book.queries import drafted_pack, packs_listed
from tests.interfaces.web.institution import Institution
from tests.journeys.conftest import Site

Check = Callable[[Page], None]
_TABLE = "decision_eligibility"
_MOST_STOPS = 400
# What a screen reader says of the control that has the keyboard: its name, else its text.
_FOCUSED = """() => {
    const one = document.activeElement
    if (!one || one === document.body) return ''
    const label = one.labels && one.labels[0] ? one.labels[0].textContent : ''
    return (one.getAttribute('aria-label') || label || one.textContent || '').trim()
}"""


def reach(window: Page, name: str) -> None:
    """Press Tab until the control of that name has the keyboard."""
    for _ in range(_MOST_STOPS):
        if window.evaluate(_FOCUSED).startswith(name):
            return
        window.keyboard.press("Tab")
    message = f"The keyboard never reaches “{name}” on {window.url}"
    raise AssertionError(message)


def press(window: Page, name: str) -> None:
    """Reach a button or link by keyboard, press it, and wait for the page that answers."""
    reach(window, name)
    with window.expect_navigation():
        window.keyboard.press("Enter")


def type_into(window: Page, name: str, text: str) -> None:
    """Reach a field by keyboard and replace what is in it."""
    reach(window, name)
    window.keyboard.press("Control+A")
    window.keyboard.type(text)


def test_rules_are_changed_approved_and_put_in_force_by_keyboard_alone(
    site: Site, accessible: Check
) -> None:
    hana = site.visit("hana")
    _break_and_mend_a_cell(hana, accessible)
    _propose(hana, accessible)
    _approve(site.visit("ines"), accessible)

    address = hana.url
    # Who may not is refused, though the address is known.
    for name in ("bruno", "celia"):
        other = site.visit(name)
        other.goto(address)
        expect(other.get_by_role("heading", level=1)).to_have_text(
            "Your role does not include this page"
        )

    hana.goto(address)
    reach(hana, "These rules shall apply from that day on.")
    hana.keyboard.press("Space")
    press(hana, "Put the rules in force")
    expect(hana.get_by_role("status").first).to_contain_text("The rules are in force")
    pension = [one.version for one in packs_listed() if one.scheme == "xa/social-pension"]
    assert pension == ["2", "1"]


def _break_and_mend_a_cell(hana: Page, accessible: Check) -> None:
    hana.goto("/rules/")
    press(hana, "Drafts")
    press(hana, "The amount of 2027")
    accessible(hana)
    press(hana, "eligibility")

    # A cell that cannot be read: the error stands at the cell while one types, and after saving.
    cell = "Rule 1, Age"
    reach(hana, cell)
    before = hana.locator("#c-0-0").input_value()
    type_into(hana, cell, "< < 60")
    expect(hana.locator("#c-0-0-error")).to_contain_text("character")
    expect(hana.locator("#checked-said")).to_contain_text("1 fault.")
    assert hana.evaluate("document.activeElement.id") == "c-0-0"
    press(hana, "Save the table")
    expect(hana.get_by_role("alert")).to_contain_text("Rule 1, Age")
    accessible(hana)

    # Mended, but wrong: the worked cases say so. Then right. The summary leads to the cell.
    reach(hana, f"{cell}: ")
    hana.keyboard.press("Enter")
    assert hana.evaluate("document.activeElement.id") == "c-0-0"
    type_into(hana, cell, "< 20")
    expect(hana.locator("#checked-said")).to_contain_text("worked cases fail")
    expect(hana.locator("#checked")).to_contain_text("expected")
    type_into(hana, cell, before)
    expect(hana.locator("#checked-said")).to_contain_text("All 17 worked cases pass.")
    press(hana, "Save the table")
    press(hana, "The amount of 2027")


def _propose(hana: Page, accessible: Check) -> None:
    press(hana, "Propose to the board")
    reach(hana, "Applies from")
    hana.keyboard.type("01012027")
    type_into(hana, "Reason", "Order 7 of 2026 raises the amount.")
    accessible(hana)
    press(hana, "Propose the draft")
    expect(hana.get_by_role("status").first).to_contain_text("The board decides")


def _approve(ines: Page, accessible: Check) -> None:
    """Read exactly what changes, as the board, and approve it."""
    ines.goto("/rules/")
    press(ines, "xa/social-pension 2 from 2027-01-01")
    expect(ines.locator("main")).to_contain_text("full_amount, row from 2027-01-01")
    accessible(ines)
    reach(ines, "Reason")
    ines.keyboard.type("Agreed.")
    reach(ines, "I have read what is proposed.")
    ines.keyboard.press("Space")
    press(ines, "Approve the proposal")
    expect(ines.get_by_role("status").first).to_contain_text("Approved.")


def test_two_people_edit_one_table_and_nothing_is_overwritten(site: Site) -> None:
    draft = site.institution.draft
    first, second = site.visit("hana"), site.visit("hana")
    for window in (first, second):
        window.goto(f"/rules/drafts/{draft}/tables/{_TABLE}/")
    first.get_by_text("Table and columns").click()
    first.get_by_label("What the table decides").fill("Said by the first.")
    first.get_by_role("button", name="Save the table").click()
    expect(first.get_by_role("status").first).to_contain_text("Saved as revision 3.")

    second.get_by_label("Rule 2, Age").fill("< 70")
    second.get_by_role("button", name="Save the table").click()

    expect(second.get_by_role("alert")).to_contain_text("nothing was overwritten")
    expect(second.get_by_role("table", name="What was saved meanwhile")).to_contain_text(
        "Said by the first."
    )
    expect(second.get_by_label("Rule 2, Age")).to_have_value("< 70")
    assert _latest(site.institution) == 3


def test_a_table_is_edited_without_javascript(site: Site) -> None:
    window = site.visit("hana", java_script_enabled=False)
    window.goto(f"/rules/drafts/{site.institution.draft}/tables/{_TABLE}/")
    rules = window.get_by_role("row").filter(has=window.get_by_role("rowheader"))

    window.get_by_role("button", name="Move rule 2 up").click()
    expect(window.get_by_role("status").first).to_contain_text("Nothing is saved yet.")
    window.get_by_role("button", name="Add a rule below rule 4").click()
    expect(window.get_by_label("Rule 5, Age")).to_have_value("-")
    window.get_by_role("button", name="Save the table").click()
    expect(window.get_by_role("alert")).to_contain_text("The output is empty")
    window.get_by_role("button", name="Remove rule 5").click()
    window.get_by_role("button", name="Save the table").click()

    expect(window.locator("main")).to_contain_text("Saved as revision 3.")
    assert _latest(site.institution) == 3
    assert rules.count() > 0


def test_every_page_of_a_draft_has_no_barrier_in_both_languages(
    site: Site, accessible: Check
) -> None:
    draft = site.institution.draft
    pages = [
        "/rules/drafts/",
        "/rules/drafts/new/",
        f"/rules/drafts/{draft}/",
        f"/rules/drafts/{draft}/tables/{_TABLE}/",
        f"/rules/drafts/{draft}/tables/{_TABLE}/import/",
        f"/rules/drafts/{draft}/parameters/",
        f"/rules/drafts/{draft}/reasons/",
        f"/rules/drafts/{draft}/reasons/AGE_NOT_REACHED/",
        f"/rules/drafts/{draft}/cases/",
        f"/rules/drafts/{draft}/cases/case/josefa/",
    ]
    for language in ("en", "fr"):
        window = site.visit("hana", language=language)
        for address in pages:
            window.goto(address)
            accessible(window)
    narrow = site.visit("hana")
    narrow.set_viewport_size({"width": 360, "height": 740})
    for address in pages:
        narrow.goto(address)
        assert narrow.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_picture_in_the_guides_is_of_a_table_being_edited(site: Site, tmp_path: Path) -> None:
    """Draws docs/images anew where AMPARO_PICTURES names that folder."""
    window = site.visit("hana")
    window.goto(f"/rules/drafts/{site.institution.draft}/tables/{_TABLE}/")
    window.get_by_label("Rule 1, Age").fill("< < 60")
    expect(window.locator("#c-0-0-error")).to_contain_text("character")

    picture = Path(os.environ.get("AMPARO_PICTURES", tmp_path)) / "draft-table.png"
    window.screenshot(path=picture)
    assert picture.stat().st_size > 0


def _latest(institution: Institution) -> int:
    assert institution.draft is not None
    return drafted_pack(draft_id=institution.draft, access=institution.access("hana")).number
