"""Each kind of page in a real browser: nothing for axe-core to find, also without JavaScript.

One visit per kind of page: inbox, find, record, task, explanation, difference, dashboard, letter,
upload, error, sign-in; in English, in French, and from right to left.
"""

from collections.abc import Callable
from functools import partial

from playwright.sync_api import ConsoleMessage, Page, expect

from amparo.accounts.queries import mandates_page
from amparo.office.operations import open_task
from amparo.office.queries import inbox, notices_of
from tests.interfaces.web.institution import AT
from tests.journeys.conftest import Site

Check = Callable[[Page], None]


def _kinds(site: Site) -> list[tuple[str, str]]:
    """Return who visits which page, one for each kind."""
    known = site.institution
    josefa = known.people["josefa"]
    letter = notices_of(recipient_id=josefa, access=known.access("bruno"))[0].notice_id
    waiting = inbox(access=known.access("gloria")).rows[0].task_id
    held = open_task(
        kind="payments.returned",
        subject_kind="statement-line",
        subject_id=josefa,
        role="finance-officer",
        at=AT,
    )
    mandate = mandates_page(access=known.access("agnes")).rows[0].mandate_id
    return [
        ("bruno", "/"),
        ("bruno", "/people/?q=Josefina+Mbeki"),
        ("bruno", f"/people/{josefa}/"),
        ("bruno", f"/people/{josefa}/history/"),
        ("bruno", f"/people/{josefa}/readers/"),
        ("bruno", f"/people/{known.people['amina']}/claims/new/xa/social-pension/social_pension/"),
        ("bruno", f"/letters/{letter}/"),
        ("bruno", "/rules/"),
        ("celia", f"/claims/{known.claims['proposed']}/"),
        ("esther", "/declarations/upload/"),
        ("gloria", f"/runs/{known.runs['compared']}/"),
        ("gloria", "/ledger/"),
        ("amadou", "/journal/"),
        ("bruno", "/journal/"),
        ("musa", "/figures/"),
        ("musa", "/declarations/missing/?month=2024-02"),
        ("gloria", f"/tasks/{waiting}/"),
        ("farid", f"/tasks/{held}/"),
        ("agnes", "/mandates/"),
        ("agnes", f"/mandates/{mandate}/end/"),
        ("rosa", "/people/new/"),
        ("rosa", f"/people/{josefa}/name/"),
        ("rosa", f"/people/{josefa}/payee/"),
        ("esther", f"/people/{known.people['amina']}/employments/new/"),
        ("bruno", "/no-such-page/"),
    ]


def _note(complaints: list[str], line: ConsoleMessage) -> None:
    complaints.append(line.text)


def test_no_kind_of_page_has_a_barrier(site: Site, accessible: Check) -> None:
    windows: dict[str, Page] = {}
    for username, address in _kinds(site):
        window = windows.setdefault(username, site.visit(username))
        complaints: list[str] = []
        window.on("console", partial(_note, complaints))

        window.goto(address)

        accessible(window)
        about_policy = [text for text in complaints if "Content Security Policy" in text]
        assert about_policy == [], (address, about_policy)


def test_the_sign_in_page_has_no_barrier(site: Site, accessible: Check) -> None:
    window = site.visitor()

    window.goto("/account/login/")

    accessible(window)


def test_pages_in_french_have_no_barrier(site: Site, accessible: Check) -> None:
    known = site.institution
    window = site.visit("celia", language="fr")

    for address in ("/", f"/claims/{known.claims['proposed']}/", "/claims/"):
        window.goto(address)

        assert window.locator("html").get_attribute("lang") == "fr"
        accessible(window)
    expect(window.get_by_role("heading", name="Demandes")).to_be_visible()


def test_a_page_from_right_to_left_is_the_mirror(site: Site, accessible: Check) -> None:
    window = site.visit("bruno", language="ar")

    window.goto(f"/people/{site.institution.people['josefa']}/")

    assert window.locator("html").get_attribute("dir") == "rtl"
    brand = window.locator(".am-brand").bounding_box()
    strip = window.locator(".am-strip")
    assert brand is not None
    assert brand["x"] > 640
    assert strip.evaluate("one => getComputedStyle(one).borderRightWidth") == "6px"
    assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    accessible(window)


def test_a_narrow_screen_needs_no_sideways_scrolling(site: Site) -> None:
    window = site.visit("celia")
    window.set_viewport_size({"width": 360, "height": 740})

    for address in ("/", f"/claims/{site.institution.claims['proposed']}/", "/people/"):
        window.goto(address)

        assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_the_slash_key_leads_to_the_search_field(site: Site) -> None:
    window = site.visit("bruno")
    window.goto("/claims/")

    window.keyboard.press("/")

    focused = window.evaluate("document.activeElement.id")
    assert focused == "search"


def test_the_first_stop_of_the_keyboard_skips_to_the_content(site: Site) -> None:
    window = site.visit("bruno")
    window.goto("/claims/")

    window.keyboard.press("Tab")
    window.keyboard.press("Enter")

    assert window.url.endswith("#main")


def test_a_printed_letter_leaves_the_frame_out(site: Site) -> None:
    known = site.institution
    letter = notices_of(recipient_id=known.people["josefa"], access=known.access("bruno"))[
        0
    ].notice_id
    window = site.visit("bruno")
    window.goto(f"/letters/{letter}/")

    window.emulate_media(media="print")

    expect(window.locator(".am-top")).to_be_hidden()
    expect(window.locator(".am-letter")).to_be_visible()


def test_sorting_exchanges_the_table_and_stays_on_the_page(site: Site) -> None:
    window = site.visit("gloria")
    window.goto("/ledger/")
    window.evaluate("document.body.dataset.untouched = 'yes'")

    window.get_by_role("link", name="Debit").click()

    expect(window.get_by_role("columnheader", name="Debit")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert window.url.endswith("?sort=debit")
    assert window.locator("body").get_attribute("data-untouched") == "yes"
    expect(window.get_by_role("group", name="Trial balance")).to_be_focused()
    window.go_back()
    expect(window.get_by_role("columnheader", name="Debit")).to_have_attribute("aria-sort", "none")
