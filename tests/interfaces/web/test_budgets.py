"""What a page may cost: SQL statements, and bytes over a slow link."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from amparo.interfaces.web.urls import urlpatterns
from tests.interfaces.web.addresses import addresses
from tests.interfaces.web.institution import CAST, Institution

_BUDGET = Path(__file__).parent / "query_budget.json"
_ASSETS = Path(settings.BASE_DIR) / "amparo" / "interfaces" / "web" / "static" / "amparo"
_MOST_STATEMENTS = 25
_MOST_BYTES = 100_000


def _costs(institution: Institution, sign_in: Callable[[str], Client]) -> dict[str, int]:
    """Return the dearest visit of any role to each page, in SQL statements."""
    pages, costs = addresses(institution), dict[str, int]()
    for username in CAST:
        client = sign_in(username)
        for pattern in urlpatterns:
            name = str(pattern.name)
            address = reverse(f"web:{name}", kwargs=pages[name])
            reset_queries()  # the log of all pages together would be longer than Django keeps
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(address)
            if answer.status_code == 200:
                costs[name] = max(costs.get(name, 0), _statements(captured))
    return costs


def _statements(captured: CaptureQueriesContext) -> int:
    """Count what asks the database for something; savepoints stand for BEGIN and COMMIT here."""
    control = ("SAVEPOINT", "RELEASE SAVEPOINT")
    return sum(not query["sql"].startswith(control) for query in captured.captured_queries)


def test_no_page_asks_the_database_more_than_its_budget(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    budget = json.loads(_BUDGET.read_text())

    costs = _costs(institution, sign_in)

    assert set(costs) == set(budget), "Each page that can be visited has a line in the budget."
    over = {name: cost for name, cost in costs.items() if cost > budget[name]}
    assert over == {}
    assert max(budget.values()) <= _MOST_STATEMENTS


def test_a_first_visit_stays_under_a_hundred_kilobytes(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    assets = sum(
        len(gzip.compress((_ASSETS / name).read_bytes(), 6))
        for name in ("amparo.css", "amparo.js", "htmx.min.js", "mark.svg")
    )
    pages, heavy = addresses(institution), {}
    for username in CAST:
        client = sign_in(username)
        for pattern in urlpatterns:
            name = str(pattern.name)
            answer = client.get(reverse(f"web:{name}", kwargs=pages[name]))
            weight = assets + len(gzip.compress(answer.content, 6))
            if weight > _MOST_BYTES:
                heavy[name] = weight
    assert heavy == {}


def test_a_refused_visitor_costs_little(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client = sign_in("dario")

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("web:home"))

    assert len(captured) <= 5
