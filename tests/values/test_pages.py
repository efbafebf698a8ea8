import pytest

from amparo.values import Page


def test_a_page_knows_its_neighbours() -> None:
    page = Page(rows=("k", "l"), number=2, size=2, total=5)

    assert (page.page_count, page.has_previous, page.has_next) == (3, True, True)


def test_the_last_page_may_be_short() -> None:
    page = Page(rows=("o",), number=3, size=2, total=5)

    assert (page.page_count, page.has_previous, page.has_next) == (3, True, False)


def test_an_empty_list_has_one_empty_page() -> None:
    page: Page[str] = Page(rows=(), number=1, size=25, total=0)

    assert (page.page_count, page.has_previous, page.has_next) == (1, False, False)


@pytest.mark.parametrize(
    ("rows", "number", "size", "total"),
    [((), 0, 25, 0), ((), 1, 0, 0), (("a", "b"), 1, 1, 2), ((), 1, 25, -1)],
)
def test_an_impossible_page_is_refused(
    rows: tuple[str, ...], number: int, size: int, total: int
) -> None:
    with pytest.raises(ValueError, match="pages count from 1"):
        Page(rows=rows, number=number, size=size, total=total)
