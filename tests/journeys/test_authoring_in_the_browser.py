"""A draft written further and simulated by keyboard alone; the viewer on its strict page."""

import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from amparo.interfaces.worker.jobs import simulate_draft
from amparo.rules.book.queries import packs_listed
from tests.journeys.conftest import Site
from tests.journeys.test_rules_in_the_browser import press, reach, type_into

Check = Callable[[Page], None]


def test_an_amount_and_a_case_are_written_by_keyboard_alone(site: Site, accessible: Check) -> None:
    hana = site.visit("hana")
    hana.goto(f"/rules/drafts/{site.institution.draft}/parameters/")
    press(hana, "New amount or rate")
    for name, text in (
        ("Name in the rules", "upper age"),
        ("In words, English", "Upper age"),
        ("In words, Français", "Âge maximal"),
        ("Unit", "years"),
        ("Value", "110"),
    ):
        type_into(hana, name, text)
    for name in ("Valid from", "Known from"):
        reach(hana, name)
        hana.keyboard.type("01012010")
    type_into(hana, "Law", "Order 9, Art. 1")
    press(hana, "Add it")

    # The name is refused at its field, with everything typed still there; then it is mended.
    expect(hana.get_by_role("alert")).to_contain_text("cannot be a name")
    expect(hana.get_by_label("Value", exact=True)).to_have_value("110")
    accessible(hana)
    reach(hana, "Name in the rules: ")
    hana.keyboard.press("Enter")
    type_into(hana, "Name in the rules", "upper_age")
    press(hana, "Add it")
    expect(hana.get_by_role("status").first).to_contain_text("Saved as revision 3.")
    expect(hana.locator("main")).to_contain_text("Upper age")

    press(hana, "Worked cases")
    press(hana, "New case: Right to a social pension")
    type_into(hana, "Name of the case", "one-hundred")
    type_into(hana, "On the day", "2027-01-01")
    for name, day in (("Date of birth", "01011927"), ("Date of the claim", "01012027")):
        reach(hana, name)
        hana.keyboard.type(day)
    reach(hana, "Lives in Amparia")
    hana.keyboard.press("ArrowDown")
    type_into(hana, "Other pensions, a month", "0")
    reach(hana, "Granted")
    hana.keyboard.press("Space")
    press(hana, "Save the case")
    expect(hana.locator("main")).to_contain_text("All 18 worked cases pass.")
    accessible(hana)


def test_a_draft_is_simulated_by_keyboard_alone(site: Site, accessible: Check) -> None:
    hana = site.visit("hana")
    hana.goto(f"/rules/drafts/{site.institution.draft}/")
    press(hana, "Simulations")
    press(hana, "Simulate the draft")
    accessible(hana)
    reach(hana, "Everybody with an award")
    hana.keyboard.press("ArrowDown")
    hana.keyboard.press("ArrowDown")
    type_into(hana, "How many people are made up", "40")
    press(hana, "Start the simulation")
    expect(hana.locator("#work")).to_contain_text("The people and their facts are being gathered.")
    accessible(hana)

    simulate_draft(work_id=hana.url.rstrip("/").rpartition("/")[2])

    expect(hana.locator("#work")).to_contain_text("Simulated.")
    press(hana, "Read what was found")
    expect(hana.locator("main")).to_contain_text("40 people made up, seed 1")
    expect(hana.get_by_role("img").first).to_be_visible()
    accessible(hana)
    press(hana, "case 1")
    expect(hana.locator("main")).to_contain_text("Facts it rests on")
    accessible(hana)

    # The board reads the same figures beside the proposal, and no single case.
    ines = site.visit("ines", language="fr")
    ines.goto(f"/rules/drafts/{site.institution.draft}/")
    ines.locator("#rows-simulations tbody").get_by_role("link").first.click()
    expect(ines.locator("main")).to_contain_text("Coût mensuel, XTS")
    expect(ines.locator("main")).not_to_contain_text("Cas les plus touchés")
    accessible(ines)


def test_no_page_of_writing_and_simulating_has_a_barrier_or_is_too_wide(
    site: Site, accessible: Check, tmp_path: Path
) -> None:
    """Draws pictures of each where AMPARO_PICTURES names a folder."""
    draft, simulation = site.institution.draft, site.institution.simulation
    version = next(one for one in packs_listed() if one.scheme == "xa/social-pension").version_id
    pages = {
        "law": f"/rules/drafts/{draft}/law/",
        "law-text": f"/rules/drafts/{draft}/law/text/",
        "version": f"/rules/drafts/{draft}/law/version/",
        "question": f"/rules/drafts/{draft}/law/questions/resident/",
        "parameter": f"/rules/drafts/{draft}/parameters/new/",
        "case": f"/rules/drafts/{draft}/cases/case/josefa/form/",
        "simulations": f"/rules/drafts/{draft}/simulations/",
        "simulation-new": f"/rules/drafts/{draft}/simulations/new/",
        "simulation": f"/rules/simulations/{simulation}/",
        "simulation-case": f"/rules/simulations/{simulation}/cases/1/",
        "simulation-work": f"/rules/simulations/work/{site.institution.simulating}/",
        "diagram": f"/rules/{version}/diagram/",
    }
    pictures = Path(os.environ.get("AMPARO_PICTURES", tmp_path))
    wide, narrow = site.visit("hana", language="fr"), site.visit("hana")
    narrow.set_viewport_size({"width": 360, "height": 740})
    for name, address in pages.items():
        wide.goto(address)
        accessible(wide)
        wide.screenshot(path=pictures / f"{name}-1280.png", full_page=True)
        narrow.goto(address)
        assert narrow.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        narrow.screenshot(path=pictures / f"{name}-360.png", full_page=True)


# --- the viewer -----------------------------------------------------------------------------------


@pytest.fixture
def version_id(site: Site) -> UUID:
    return next(one for one in packs_listed() if one.scheme == "xa/social-pension").version_id


def test_the_viewer_draws_the_model_under_the_strict_policy_with_its_watermark(
    site: Site, version_id: UUID
) -> None:
    bruno = site.visit("bruno")
    refused: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(message.text)

    bruno.on("console", note)
    bruno.goto(f"/rules/{version_id}/")
    bruno.get_by_role("link", name="Open the diagram viewer").click()

    viewer = bruno.locator("[data-model]")
    expect(viewer.locator(".djs-shape").first).to_be_visible()
    expect(viewer).to_contain_text("eligibility")
    # Its own markup's style attributes are refused; the page's stylesheet says the same. No more.
    assert all("style" in text for text in refused), refused
    mark = viewer.locator(".bjs-powered-by")
    expect(mark).to_be_visible()
    is_on_top = """mark => {
        const box = mark.getBoundingClientRect()
        const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
        return box.width > 40 && box.height > 15 && mark.contains(over)
    }"""
    mark.scroll_into_view_if_needed()
    assert mark.evaluate(is_on_top)
    box, room = mark.bounding_box(), viewer.bounding_box()
    assert box is not None
    assert room is not None
    assert box["x"] > room["x"] + room["width"] / 2
    assert box["y"] > room["y"] + room["height"] / 2
    expect(bruno.locator("[data-model-failed]")).to_be_hidden()


def test_without_javascript_the_server_draws_the_same(site: Site, version_id: UUID) -> None:
    bruno = site.visit("bruno", java_script_enabled=False)

    bruno.goto(f"/rules/{version_id}/diagram/")

    expect(bruno.locator("svg.am-drd")).to_be_visible()
    expect(bruno.locator("noscript p")).to_be_visible()


def test_a_model_that_cannot_be_fetched_is_said(site: Site, version_id: UUID) -> None:
    bruno = site.visit("bruno")
    bruno.route("**/diagram/model.view", lambda route: route.fulfill(status=500, body=""))

    bruno.goto(f"/rules/{version_id}/diagram/")

    expect(bruno.locator("[data-model-failed]")).to_be_visible()
