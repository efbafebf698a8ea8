"""The lists that others keep, brought up to date from files and shown."""

from pathlib import Path

import pytest
from django.conf import settings

from amparo.interfaces.files.lists import read_list
from amparo.register.operations import UnusableList, load_reference_list
from amparo.register.reference import EVENTS, entries
from amparo.values import Access, Right
from tests.register.conftest import access_with
from tests.register.people import AT

LISTS = settings.SCHEMES_DIR / "xa" / "lists"


@pytest.fixture
def registrar() -> Access:
    return access_with(Right.REGISTER_IMPORT)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.django_db
def test_the_lists_that_come_with_the_product_load(registrar: Access) -> None:
    for path in sorted(LISTS.glob("*.csv")):
        load_reference_list(
            list_code=path.stem,
            codes=read_list(path=path),
            publisher="Amparia (invented)",
            applies_from=None,
            access=registrar,
            at=AT,
        )

    events = {one.code: one for one in entries(list_code=EVENTS, on=AT.date(), at=AT)}
    assert events["great-flood"].details == {"first_day": "1962-06-01", "last_day": "1963-02-28"}
    units = entries(list_code="administrative-units", on=AT.date(), at=AT)
    assert {one.label("en") for one in units} >= {"Kora", "Old Port", "Highland North"}


def test_a_file_becomes_codes_with_labels_and_details(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "\ufeffcode,parent,label_en,label_ar,capital\n01,,Lakeside,البحيرة,Kora\n\n0101,01,Kora,,\n",
    )

    lakeside, kora = read_list(path=path)

    assert dict(lakeside.labels) == {"en": "Lakeside", "ar": "البحيرة"}
    assert dict(lakeside.details) == {"capital": "Kora"}
    assert (kora.parent, dict(kora.labels)) == ("01", {"en": "Kora"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "first line"),
        ("name,label_en\n", "first line"),
        ("code,label\n1,x\n", "first line"),
        ("code,label_en,label_en\n1,x,y\n", "name of its own"),
        ("code,label_en,DROP TABLE\n1,x,y\n", "name of its own"),
        ("code,label_en\n1,x,y\n", "Line 2"),
        ("code,label_en\n1," + "x" * 501 + "\n", "Line 2"),
        ('code,label_en\n1,"x\n', "no CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_its_line(
    text: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableList, match=told):
        read_list(path=written(tmp_path, text))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableList, match="UTF-8"):
        read_list(path=written(tmp_path, "code,label_en\n1,Café\n", encoding="latin-1"))
