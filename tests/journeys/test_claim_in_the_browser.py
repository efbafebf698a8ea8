"""A claim from the counter to the letter, by two people, in the browser."""

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.interfaces.web.institution import PASSWORD
from tests.journeys.conftest import Site


def test_josefa_claims_bruno_assesses_and_celia_grants(site: Site) -> None:
    window = site.visitor()
    window.goto("/")
    window.get_by_label("Username").fill("bruno")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()
    expect(window.get_by_role("heading", name="Inbox")).to_be_visible()

    # Found although misspelt, then claimed.
    window.get_by_role("search").get_by_role("searchbox").fill("Tomassi Bandda")
    window.get_by_role("button", name="Search", exact=True).click()
    window.get_by_role("link", name="Tomasi Banda").click()
    window.get_by_role("link", name="Take a claim").click()
    window.get_by_role("link", name="Social pension").click()
    window.get_by_label("Day the right depends on").fill("2026-11-02")
    # What the register and the awards hold is not asked.
    expect(window.get_by_text("Other pensions, a month")).to_be_visible()
    expect(window.get_by_label("Other pensions, a month")).to_have_count(0)
    window.get_by_role("button", name="Submit the claim").click()
    expect(window.get_by_role("status")).to_contain_text("Receipt CL-")

    window.get_by_role("button", name="Assess the claim").click()
    expect(window.get_by_role("status")).to_contain_text("there is no right")
    expect(window.locator(".am-matched").first).to_contain_text("this rule applied")
    address = window.url

    # Another person reads why, and confirms.
    celia = site.visit("celia")
    celia.goto(address)
    celia.get_by_label("I have read the explanation.").check()
    celia.get_by_role("button", name="Approve: refuse the claim").click()
    expect(celia.get_by_role("status")).to_contain_text("Refused.")
    celia.get_by_role("link", name="Letters to this person").click()
    celia.get_by_role("row", name="claim refused").get_by_role("link").first.click()
    expect(celia.get_by_role("heading", name="Your claim is refused")).to_be_visible()
    expect(celia.locator(".am-letter")).to_contain_text("You may appeal to")


def test_the_picture_in_the_guides_is_of_a_claim_explained_in_words(
    site: Site, tmp_path: Path
) -> None:
    """Draws docs/images anew where AMPARO_PICTURES names that folder."""
    window = site.visit("celia")
    window.goto(f"/claims/{site.institution.claims['proposed']}/")

    expect(window.get_by_role("heading", name="Right to a social pension").first).to_be_visible()
    expect(window.locator("main")).to_contain_text("the register")
    expect(window.locator("main")).not_to_contain_text("register.date_of_birth")
    picture = Path(os.environ.get("AMPARO_PICTURES", tmp_path)) / "claim-explained.png"
    window.screenshot(path=picture)
    assert picture.stat().st_size > 0


def test_a_claim_is_approved_without_javascript(site: Site) -> None:
    window = site.visit("celia", java_script_enabled=False)
    window.goto(f"/claims/{site.institution.claims['proposed']}/")

    window.get_by_label("I have read the explanation.").check()
    window.get_by_role("button", name="Approve: grant the claim").click()

    expect(window.get_by_role("status")).to_contain_text("Granted.")
    expect(window.get_by_role("button", name="Approve: grant the claim")).to_have_count(0)


def test_two_presses_at_once_grant_once(site: Site) -> None:
    window = site.visit("celia")
    window.goto(f"/claims/{site.institution.claims['proposed']}/")
    window.get_by_label("I have read the explanation.").check()

    window.get_by_role("button", name="Approve: grant the claim").dblclick()

    expect(window.get_by_role("status")).to_contain_text("Granted.")
    window.goto(f"/people/{site.institution.people['pedro']}/claims/")
    expect(window.get_by_role("row", name="AW-")).to_have_count(1)
