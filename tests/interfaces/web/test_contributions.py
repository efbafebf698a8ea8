"""The contributions of a person: what does not fit is named, with what to do."""

from collections.abc import Callable
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from amparo.delivery.contributions.operations import NewYear, take_on_years
from amparo.office.models import ReceivedFile
from tests.interfaces.web.institution import AT, Institution


def _page(institution: Institution, client: Client) -> str:
    address = reverse("web:person-contributions", args=[institution.people["amina"]])
    return " ".join(client.get(address).content.decode().split())


def test_a_year_held_twice_is_named_with_what_to_do(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    """October 2026 is declared, and the whole of 2026 is taken on."""
    client = sign_in("esther")
    before = _page(institution, client)
    years = [
        NewYear(
            person_id=institution.people["amina"],
            year=year,
            months=12,
            earnings=Decimal("12000.00"),
        )
        for year in (2024, 2026)
    ]

    take_on_years(
        scheme="xa/old-age",
        years=years,
        received_file_id=ReceivedFile.objects.values_list("id", flat=True)[0],
        access=institution.access("esther"),
        at=AT,
    )

    after = _page(institution, client)
    assert "held twice" not in before
    assert "the year 2026 is held twice" in after
    assert "Compare the year below with the employer&#x27;s declarations" in after
