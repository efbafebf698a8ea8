"""A manager looks at the figures and follows one to the record behind it, without JavaScript."""

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Site


def test_musa_follows_a_figure_to_its_claim_in_two_clicks(site: Site) -> None:
    window = site.visit("musa", java_script_enabled=False)
    window.goto("/figures/")

    expect(window.locator(".am-figures li", has_text="Collected")).to_contain_text("Unknown")
    waiting = window.get_by_role("link", name="Waiting", exact=True).first
    waiting.click()
    expect(window.get_by_label("State")).to_have_value("waiting")
    window.get_by_role("row", name="Pedro Sousa").get_by_role("link", name="CL-").click()

    claim = site.institution.claims["proposed"]
    expect(window).to_have_url(f"{site.address}/claims/{claim}/")


def test_who_does_not_manage_is_told_that_the_role_does_not_include_the_figures(
    site: Site,
) -> None:
    for username, heading in (
        ("bruno", "Your role does not include this page"),
        ("dario", "You hold no role today"),
    ):
        window = site.visit(username)
        window.goto("/figures/")

        expect(window.get_by_role("heading", name=heading)).to_be_visible()
        expect(window.get_by_role("link", name="Figures")).to_have_count(0)


def test_the_picture_in_the_guides_is_of_the_figures(site: Site, tmp_path: Path) -> None:
    """Draws docs/images anew where AMPARO_PICTURES names that folder."""
    window = site.visit("musa")
    window.goto("/figures/")

    expect(window.get_by_role("img", name="Decisions by month")).to_be_visible()
    picture = Path(os.environ.get("AMPARO_PICTURES", tmp_path)) / "figures.png"
    window.screenshot(path=picture)
    assert picture.stat().st_size > 0
