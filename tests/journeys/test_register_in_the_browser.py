"""Keeping the register by keyboard alone: employers, households, ties, and a change outrun."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_rules_in_the_browser import press, reach, type_into

Check = Callable[[Page], None]


@pytest.fixture
def looked_at(tmp_path: Path, accessible: Check) -> Callable[[Page, str], None]:
    """Return a check of a page at two widths, drawn where AMPARO_PICTURES names a folder."""
    folder = Path(os.environ.get("AMPARO_PICTURES", tmp_path))

    def check(window: Page, name: str) -> None:
        for width in (360, 1280):
            window.set_viewport_size({"width": width, "height": 900})
            window.screenshot(path=folder / f"register-{name}-{width}.png", full_page=True)
            fits = "document.documentElement.scrollWidth <= window.innerWidth"
            assert window.evaluate(fits), (name, width)
        accessible(window)

    return check


def grounds(window: Page, *, button: str) -> None:
    """Name evidence and reason, and press the button."""
    reach(window, "Evidence seen")
    window.keyboard.type("Identity")
    type_into(window, "Reason", "Seen at the counter.")
    press(window, button)


def name_it(window: Page, name: str) -> None:
    """Type into the first field of the form, past the search field, which is of a like name."""
    reach(window, "Search")
    type_into(window, "Name", name)


def test_esther_registers_an_employer_and_corrects_it_by_keyboard(
    site: Site, looked_at: Callable[[Page, str], None]
) -> None:
    esther = site.visit("esther")
    esther.goto("/employers/")
    looked_at(esther, "employers")
    press(esther, "Register an employer")
    name_it(esther, "Kora Textile Works")
    type_into(esther, "Activity", "1392")
    type_into(esther, "District", "Lakeside")
    press(esther, "Look for employers alike")
    alike = esther.get_by_role("group", name="Employers in the register that resemble this one")
    expect(alike.get_by_role("link", name="Kora Textiles")).to_be_visible()
    press(esther, "Register this employer")
    expect(esther.get_by_role("alert")).to_contain_text("say whether it is one")
    looked_at(esther, "employer-alike")
    reach(esther, "District")  # past the summary of errors, whose links bear the fields' names
    reach(esther, "I have compared")
    esther.keyboard.press("Space")
    press(esther, "Register this employer")
    expect(esther.get_by_role("heading", name="Kora Textile Works")).to_be_visible()

    press(esther, "Correct or change the employer")
    name_it(esther, "Lakeside Textile Works")
    looked_at(esther, "employer-facts")
    press(esther, "Record it")
    expect(esther.get_by_role("heading", name="Lakeside Textile Works")).to_be_visible()
    press(esther, "History")
    expect(esther.locator(".am-timeline")).to_contain_text("Kora Textile Works")
    looked_at(esther, "employer-history")


def test_rosa_keeps_a_household_by_keyboard(
    site: Site, looked_at: Callable[[Page, str], None]
) -> None:
    rosa, known = site.visit("rosa"), site.institution
    rosa.goto(f"/people/{known.people['josefa']}/")
    looked_at(rosa, "person")
    press(rosa, "Open the household")
    looked_at(rosa, "household")
    press(rosa, "Add somebody to the household")
    type_into(rosa, "Number or identity number of who lives here", "1990061234")
    grounds(rosa, button="Look who that is")
    expect(rosa.locator("main")).to_contain_text("Tomasi Banda")
    looked_at(rosa, "household-member")
    press(rosa, "Record who lives here")
    expect(rosa.get_by_role("row", name="Tomasi Banda")).to_be_visible()

    rosa.get_by_role("row", name="Tomasi Banda").get_by_role("link", name="End").focus()
    rosa.keyboard.press("Enter")
    looked_at(rosa, "household-end")
    reach(rosa, "Last day")
    rosa.keyboard.type("12312026")
    grounds(rosa, button="Record the end")
    expect(rosa.get_by_role("status")).to_contain_text("no household after that day")


def test_rosa_ties_a_child_to_her_mother_by_keyboard(
    site: Site, looked_at: Callable[[Page, str], None]
) -> None:
    rosa, known = site.visit("rosa"), site.institution
    rosa.goto(f"/people/{known.people['amina']}/")
    press(rosa, "Record a family tie")
    type_into(rosa, "Number or identity number of the other person", "1990061234")
    reach(rosa, "parent")
    rosa.keyboard.press("ArrowDown")
    grounds(rosa, button="Look who that is")
    expect(rosa.locator("main")).to_contain_text("Tomasi Banda")
    looked_at(rosa, "tie")
    press(rosa, "Record the tie")
    family = rosa.get_by_role("group", name="Family")
    expect(family).to_contain_text("Tomasi Banda")

    family.get_by_role("link", name="Change").focus()
    rosa.keyboard.press("Enter")
    looked_at(rosa, "tie-change")


def test_the_second_of_two_clerks_compares_and_decides(
    site: Site, looked_at: Callable[[Page, str], None]
) -> None:
    address = f"/people/{site.institution.people['pedro']}/residence/"
    quick, slow = site.visit("rosa"), site.visit("rosa")
    for window, district in ((slow, "Old Port"), (quick, "Lakeside")):
        window.goto(address)
        window.get_by_label("District").fill(district)
        window.get_by_label("Evidence seen").select_option(label="Identity document")
        window.get_by_label("Reason").fill("Seen at the counter.")

    quick.get_by_role("button", name="Record the move").click()
    expect(quick.get_by_role("status")).to_contain_text("The new home is recorded.")
    slow.get_by_role("button", name="Record the move").click()

    table = slow.get_by_role("group", name="Changed by somebody else while you were writing")
    expect(table.get_by_role("row", name="now").last).to_contain_text("Lakeside")
    expect(table.get_by_role("row", name="what you typed, not recorded")).to_contain_text(
        "Old Port"
    )
    expect(slow.get_by_label("District")).to_have_value("Old Port")
    looked_at(slow, "outrun")
    slow.get_by_role("button", name="Record mine all the same").click()
    expect(slow.locator("main")).to_contain_text("Old Port")


def test_agnes_opens_an_account_and_its_owner_chooses_a_password(
    site: Site, looked_at: Callable[[Page, str], None]
) -> None:
    agnes, zuri = site.visit("agnes"), site.visitor()
    agnes.goto("/mandates/")
    looked_at(agnes, "mandates")
    agnes.get_by_role("link", name="Open an account").click()
    looked_at(agnes, "account-new")
    agnes.get_by_label("Name", exact=True).fill("Zuri Otieno")
    agnes.get_by_label("Sign-in name").fill("zuri")
    agnes.get_by_label("Role").select_option(label="Registration officer")
    agnes.get_by_role("button", name="Open the account").click()
    looked_at(agnes, "account-opened")
    password = agnes.locator("dd").nth(1).inner_text().strip()

    zuri.goto("/")
    zuri.get_by_label("Username").fill("zuri")
    zuri.get_by_label("Password").fill(password)
    zuri.get_by_role("button", name="Sign in", exact=True).click()
    expect(zuri.locator("main")).to_contain_text("Choose a password of your own first")
    looked_at(zuri, "password")
    zuri.get_by_label("Current Password").fill(password)
    zuri.get_by_label("New Password", exact=True).fill("harbour under snow 7")
    zuri.get_by_label("New Password (again)").fill("harbour under snow 7")
    zuri.get_by_role("button", name="Change Password").click()
    zuri.goto("/people/")
    expect(zuri.get_by_role("heading", name="Find a person or an employer")).to_be_visible()


def test_the_figures_are_whole_on_a_common_screen(
    site: Site, looked_at: Callable[[Page, str], None]
) -> None:
    musa = site.visit("musa")
    musa.goto("/figures/")

    looked_at(musa, "figures")

    for table in musa.locator(".am-scroll").all():
        assert table.evaluate("one => one.scrollWidth <= one.clientWidth"), table.inner_text()
