"""Tables: sorted, paged and exported by one mechanism."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.http import QueryDict
from django.test import RequestFactory

from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.values import Page

_COLUMNS = (
    Column(title="Worker", key="worker"),
    Column(title="Wage", kind="money", key="wage"),
)


def _table(query: str = "", page: Page[object] | None = None) -> Table:
    names = (("Tomasi", "200.00"), ("amina", "1000.00"), ("Josefa", "35.50"))
    return Table(
        caption="Wages",
        columns=_COLUMNS,
        rows=[Row(cells=(Cell(value=name), Cell(value=Decimal(wage)))) for name, wage in names],
        empty="No wages.",
        query=QueryDict(query),
        paging=page,
    )


def _first_column(table: Table) -> list[str]:
    return [cells[0].text for _emphasis, cells in table.shown_rows()]


def test_text_sorts_without_regard_to_case() -> None:
    assert _first_column(_table("sort=worker")) == ["amina", "Josefa", "Tomasi"]


def test_amounts_sort_as_numbers_and_backwards_on_request() -> None:
    assert _first_column(_table("sort=-wage")) == ["amina", "Tomasi", "Josefa"]


def test_an_unknown_sort_order_leaves_the_rows_as_they_came() -> None:
    assert _first_column(_table("sort=colour")) == ["Tomasi", "amina", "Josefa"]


def test_the_sorted_column_says_so_and_offers_the_other_direction() -> None:
    heading = _table("sort=wage").headings()[1]

    assert heading.order == "ascending"
    assert heading.href == "?sort=-wage"


def test_a_page_of_a_longer_list_is_not_sorted_by_itself() -> None:
    page: Page[object] = Page(rows=(1, 2, 3), number=1, size=3, total=9)

    table = _table("sort=worker", page)

    assert _first_column(table) == ["Tomasi", "amina", "Josefa"]
    assert [heading.href for heading in table.headings()] == ["", ""]


def test_pages_far_apart_are_joined_by_a_gap() -> None:
    page: Page[object] = Page(rows=(1, 2, 3), number=6, size=3, total=60)

    numbers = [link.number for link in _table("", page).page_links()]

    assert numbers == [1, None, 4, 5, 6, 7, 8, None, 20]


def test_two_tables_on_one_page_are_turned_apart() -> None:
    page: Page[object] = Page(rows=(), number=1, size=3, total=9)
    table = replace(_table("page=2", page=page), page_key="problems-page")

    assert [link.href for link in table.page_links()] == [
        "?page=2&problems-page=1",
        "?page=2&problems-page=2",
        "?page=2&problems-page=3",
    ]


def test_the_export_holds_plain_values_for_machines() -> None:
    request = RequestFactory().get("/", {"format": "csv", "table": "table"})

    response = exported(request, _table())

    assert response is not None
    assert response.content.decode() == (
        "Worker,Wage\r\nTomasi,200.00\r\namina,1000.00\r\nJosefa,35.50\r\n"
    )


def test_a_cell_that_a_spreadsheet_would_run_is_exported_as_text() -> None:
    table = Table(
        caption="",
        columns=(Column(title="Name"), Column(title="Born", kind="day")),
        rows=[Row(cells=(Cell(value="=HYPERLINK(1)"), Cell(value=date(1960, 2, 29))))],
        empty="",
    )
    request = RequestFactory().get("/", {"format": "csv", "table": "table"})

    response = exported(request, table)

    assert response is not None
    assert response.content.decode().splitlines()[1] == "'=HYPERLINK(1),1960-02-29"


def test_a_page_that_was_not_asked_for_as_a_file_is_no_export() -> None:
    assert exported(RequestFactory().get("/"), _table()) is None
