"""A pack's page: what each decision rests on, drawn and as a table, in the reader's language."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from lxml import html

from amparo.rules.book.queries import packs_listed, version
from tests.interfaces.web.institution import Institution

SignIn = Callable[[str], Client]


def page_of(sign_in: SignIn, scheme: str, language: str) -> str:
    client = sign_in("bruno")
    client.post("/account/language/", {"language": language, "next": "/"})
    version_id = next(one.version_id for one in packs_listed() if one.scheme == scheme)
    return client.get(f"/rules/{version_id}/").content.decode()


def test_every_element_of_the_diagram_leads_to_its_place_on_the_page(
    institution: Institution, sign_in: SignIn
) -> None:
    root: Any = html.fromstring(page_of(sign_in, "xa/old-age", "en"))
    version_id = next(one.version_id for one in packs_listed() if one.scheme == "xa/old-age")
    (model,) = version(version_id=version_id).pack.library.models.values()

    links = root.xpath("//*[local-name()='svg'][@role='group']//*[local-name()='a']")

    elements = (model.inputs, model.decisions, model.knowledge, model.services, model.sources)
    assert len(links) == sum(len(group) for group in elements)
    anchors = set(root.xpath("//@id"))
    assert {link.get("href").removeprefix("#") for link in links} <= anchors
    assert all(link.get("aria-label") for link in links)
    assert "#rows-decision_old_age_eligibility-1" in {link.get("href") for link in links}


def test_the_diagram_says_what_it_is_and_the_table_says_the_same(
    institution: Institution, sign_in: SignIn
) -> None:
    text = page_of(sign_in, "xa/social-pension", "en")
    root: Any = html.fromstring(text)

    (drawing,) = root.xpath("//*[local-name()='svg'][@role='group']")
    for name in (drawing.get("aria-labelledby"), drawing.get("aria-describedby")):
        assert root.xpath(f"//*[@id='{name}']")[0].text_content()
    rows = {
        row.xpath("string(*[1])").strip(): row.xpath("string(*[3])").strip()
        for row in root.xpath("//*[@id='rows-requirements']//tbody/tr")
    }
    assert rows["age at claim"] == "Date of birth; Date of the claim; completed years"
    assert not re.search(r"<[^>]+ style=", text)
    assert len(text.encode()) < 100_000


def test_a_french_page_calls_decisions_and_columns_in_french(
    institution: Institution, sign_in: SignIn
) -> None:
    text = page_of(sign_in, "xa/social-pension", "fr")

    for name in ("Âge à la date de la demande", "Réside en Amparia", "Montant après déduction"):
        assert name in text
    for name in ("age at claim", "Lives in Amparia", "Amount after taper"):
        assert name not in text
