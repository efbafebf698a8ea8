"""Two records of one person: compared, merged by two people, found under either number, parted."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site


def test_nadia_reports_and_decides_a_pair_by_keyboard_alone(
    site: Site, accessible: Callable[[Page], None]
) -> None:
    nadia = site.visit("nadia")
    nadia.goto("/people/?q=Tomasi Banda")
    number = nadia.get_by_role("row", name="Tomasi Banda").get_by_role("cell").first.inner_text()
    nadia.goto(f"/people/{site.institution.people['pedro']}/second-record/")
    accessible(nadia)
    nadia.get_by_label("Number of the other record").focus()
    nadia.keyboard.type(number)
    nadia.keyboard.press("Enter")
    expect(nadia.get_by_text("A data steward compares the two records.")).to_be_visible()

    nadia.goto("/duplicates/?source=officer")
    accessible(nadia)
    pair = nadia.get_by_role("group", name="Pairs of records").get_by_role("link").first
    pair.focus()
    nadia.keyboard.press("Enter")
    expect(nadia.get_by_role("row", name="Given names")).to_contain_text("differ")
    accessible(nadia)
    nadia.get_by_label("two people's").focus()
    nadia.keyboard.press("Space")
    nadia.get_by_label("Reason").focus()
    nadia.keyboard.type("Another name, another birth, another home.")
    nadia.get_by_role("button", name="Decide on the pair").focus()
    nadia.keyboard.press("Enter")

    expect(nadia.get_by_text("Decided. The pair leaves the list.")).to_be_visible()
    expect(nadia.locator("main")).to_contain_text("Two people")


def test_teo_merges_what_nadia_proposed_and_it_is_undone_again(
    site: Site, accessible: Callable[[Page], None]
) -> None:
    kept, other = (site.institution.people[name] for name in ("wairimu", "wairimu-again"))
    teo, nadia = site.visit("teo"), site.visit("nadia")
    teo.goto("/duplicates/")
    teo.get_by_role("group", name="Proposals that wait").get_by_role("link").first.click()
    accessible(teo)
    teo.get_by_label("I have compared").check()
    teo.get_by_role("button", name="Approve the merge").click()
    expect(teo.get_by_text("Both numbers lead to one person now.")).to_be_visible()

    # Whoever opens the merged record is led to the person, and told why.
    teo.goto(f"/people/{other}/")
    expect(teo).to_have_url(f"{site.address}/people/{kept}/")
    expect(teo.get_by_text("was merged into this one")).to_be_visible()
    expect(teo.get_by_text("Also registered as")).to_be_visible()
    teo.goto("/people/?q=Wairimun Adeyemi")
    expect(teo.get_by_role("link", name="Wairimu Adeyemi")).to_have_count(1)

    nadia.goto("/duplicates/merges/")
    accessible(nadia)
    nadia.get_by_role("row", name="Wairimu").get_by_role("link", name="Undo").click()
    nadia.get_by_label("Evidence seen").select_option("identity-document")
    nadia.get_by_label("Reason").fill("Two cards: they are two women.")
    nadia.get_by_role("button", name="Propose to undo the merge").click()
    expect(nadia.get_by_text("A supervisor of the register decides.")).to_be_visible()
    teo.goto(nadia.url)
    teo.get_by_label("I have compared").check()
    teo.get_by_role("button", name="Approve the undoing").click()
    expect(teo.get_by_text("two people's again").first).to_be_visible()
    teo.goto(f"/people/{other}/")
    expect(teo).to_have_url(f"{site.address}/people/{other}/")


def test_the_queue_is_read_in_french(site: Site) -> None:
    nadia = site.visit("nadia", language="fr")
    nadia.goto("/duplicates/")

    expect(nadia.get_by_role("heading", name="Fiches qui sont peut-être")).to_be_visible()
