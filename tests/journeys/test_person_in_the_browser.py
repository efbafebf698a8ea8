"""Looking a person up: found although misspelt, and the reading seen by whoever watches."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.interfaces.web.institution import PASSWORD
from tests.journeys.conftest import Site


def test_bruno_finds_josefa_although_misspelt_and_the_journal_says_so(site: Site) -> None:
    josefa = site.institution.people["josefa"]
    window = site.visitor()
    window.goto("/")
    window.get_by_label("Username").fill("bruno")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()
    expect(window.get_by_role("button", name="Sign out")).to_be_visible()

    window.keyboard.press("/")
    window.keyboard.type("Mbeky Josepha")
    window.keyboard.press("Enter")
    window.get_by_role("link", name="Josefa Mbeki").click()
    expect(window).to_have_url(f"{site.address}/people/{josefa}/")
    expect(window.get_by_role("heading", name="Josefa Mbeki")).to_be_visible()
    window.get_by_role("link", name="Who looked").click()
    expect(window.get_by_role("row", name="Bruno Keita").first).to_contain_text(
        "read a person's record"
    )

    # The auditor sees who read, in which role and for what; what was searched for is not told.
    amadou = site.visit("amadou")
    amadou.goto("/journal/")
    amadou.get_by_label("Sign-in name").fill("bruno")
    amadou.get_by_label("Record id").fill(str(josefa))
    amadou.get_by_role("button", name="Search").last.click()
    row = amadou.get_by_role("row", name="Bruno Keita").first
    expect(row).to_contain_text("Claims officer")
    expect(row).to_contain_text("deciding who has a right")
    expect(amadou.locator("main")).not_to_contain_text("Josepha")


def test_who_may_not_look_is_refused_and_leaves_no_reading(site: Site) -> None:
    josefa = site.institution.people["josefa"]

    hana, dario = site.visit("hana"), site.visit("dario")
    hana.goto("/people/?q=Josefa")
    expect(hana.get_by_role("heading", name="Your role does not include")).to_be_visible()
    # That there is such a person is itself personal: the page answers as if there were none.
    hana.goto(f"/people/{josefa}/")
    expect(hana.get_by_role("heading", name="Page not found")).to_be_visible()
    dario.goto("/people/?q=Josefa")
    expect(dario.get_by_role("heading", name="You hold no role today")).to_be_visible()

    bruno = site.visit("bruno")
    bruno.goto(f"/people/{josefa}/readers/")
    expect(bruno.get_by_role("row", name="Bruno Keita").first).to_be_visible()
    expect(bruno.locator("main")).not_to_contain_text("Hana Lindqvist")
    expect(bruno.locator("main")).not_to_contain_text("Dario Moreau")


def test_rosa_registers_a_newcomer_after_comparing(
    site: Site, accessible: Callable[[Page], None]
) -> None:
    window = site.visit("rosa")
    window.goto("/people/")
    window.get_by_role("link", name="Register a person").click()
    window.get_by_label("Given names").fill("Josefina")
    window.get_by_label("Family name").fill("Mbeki")
    window.get_by_label("female", exact=True).check()
    window.get_by_label("Born").fill("1956")
    window.get_by_label("District").fill("Kora")
    window.get_by_role("button", name="Look for people alike").click()

    shown = window.get_by_role("group", name="People in the register who resemble this person")
    expect(shown.get_by_role("link", name="Josefa Mbeki")).to_be_visible()
    window.get_by_role("button", name="Register this person").click()
    expect(window.get_by_role("alert")).to_contain_text("say whether it is one")
    accessible(window)
    window.get_by_label("I have compared").check()
    window.get_by_role("button", name="Register this person").click()
    expect(window.get_by_role("status")).to_contain_text("Registered.")
    expect(window.get_by_role("heading", name="Josefina Mbeki")).to_be_visible()

    # Written down wrongly: corrected on evidence, and the old name stays in the history.
    window.get_by_role("link", name="Correct or change the name").click()
    window.get_by_label("Given names").fill("Josephine")
    window.get_by_label("Evidence seen").select_option(label="Identity document")
    window.get_by_label("Reason").fill("The card says Josephine.")
    window.get_by_role("button", name="Record the name").click()
    expect(window.get_by_role("heading", name="Josephine Mbeki")).to_be_visible()
    window.get_by_role("link", name="History").click()
    expect(window.locator(".am-timeline")).to_contain_text("Josefina")
    expect(window.locator(".am-timeline")).to_contain_text("The card says Josephine.")
