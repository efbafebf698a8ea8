"""Files of persons: what comes in, what is refused with which words, and that nothing is lost."""

import csv
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.interfaces.files.imports import PERSONS, ImportOutcome, import_persons
from amparo.journal.models import Event
from amparo.office.models import ReceivedFile
from amparo.office.originals import UnableToReceive
from amparo.register import queries
from amparo.values import Access, NotPermitted
from tests.interfaces.files.conftest import AT, row_counts, sparse_file

pytestmark = pytest.mark.django_db

HEADER = ",".join(PERSONS)
AMINA = (
    "a,Amina,Kipsang,female,1963-02-28,,1234567897,Kora,Loom Street 12,"
    "bank,CBXAXAXA,1000200300,h1,reference-person,"
)
CHILD = "c,Zuri,Kipsang,female,2024-02-29,,,Kora,Loom Street 12,,,,h1,,a"
MONONYM = "m,Sokarno,,male,1951,year,,,,,,,,,"
KHMER = "k,សុខា,ចាន់,female,1990-07,month,,Kora,,,,,,,"


def text(*rows: str, header: str = HEADER) -> str:
    return "".join(f"{line}\r\n" for line in (header, *rows))


def with_cell(row: str, **cells: str) -> str:
    values = dict(zip(PERSONS, row.split(","), strict=True)) | cells
    return ",".join(values.values())


@pytest.fixture
def take(bruno: Access) -> Callable[[Path], ImportOutcome]:
    return lambda path: import_persons(path=path, access=bruno, at=AT)


AFile = Callable[..., Path]
Take = Callable[[Path], ImportOutcome]


def test_a_file_of_persons_is_taken_in_whole(a_file: AFile, take: Take, bruno: Access) -> None:
    outcome = take(a_file(text(AMINA, CHILD, MONONYM, KHMER)))

    assert outcome.status == "accepted"
    assert outcome.rows == 4
    assert outcome.numbers_file is not None
    with outcome.numbers_file.open(encoding="utf-8") as file:
        numbers = {row["reference"]: row["number"] for row in csv.DictReader(file)}
    assert list(numbers) == ["a", "c", "m", "k"]
    (child,) = queries.find_persons(text=numbers["c"], access=bruno).rows
    record = queries.person_record(
        person_id=child.person_id, access=bruno, as_of=date(2026, 11, 20), known_at=AT
    )
    assert record.vitals is not None
    assert record.vitals.birth_date == date(2024, 2, 29)
    assert [(relative.kind, relative.name) for relative in record.kin] == [
        ("parent", "Amina Kipsang")
    ]
    assert record.household is not None
    assert [(member.name, member.role) for member in record.household.members] == [
        ("Amina Kipsang", "reference-person"),
        ("Zuri Kipsang", "member"),
    ]
    (mononym,) = queries.find_persons(text="Sokarno", access=bruno).rows
    assert (mononym.name, mononym.birth_precision) == ("Sokarno", "year")
    (khmer,) = queries.find_persons(text="ចាន់ សុខា", access=bruno).rows
    assert khmer.birth_precision == "month"


def test_the_same_file_again_changes_nothing_and_says_so(a_file: AFile, take: Take) -> None:
    first = take(a_file(text(AMINA)))
    before = row_counts()

    again = take(a_file(text(AMINA), name="another-name.csv"))

    assert again.status == "already"
    assert again.earlier == AT
    assert again.received_file_id == first.received_file_id
    assert row_counts() == before


def test_one_import_leaves_one_event_of_loading_and_one_of_reading(
    a_file: AFile, take: Take
) -> None:
    outcome = take(a_file(text(AMINA, CHILD)))

    events = Event.objects.filter(subject_id=outcome.received_file_id)
    assert list(events.filter(kind="register.persons_loaded").values_list("details")) == [
        ({"rows": 2},)
    ]
    assert not [event for event in Event.objects.all() if "Amina" in str(event.details)]


def test_the_number_of_queries_does_not_grow_with_the_rows(a_file: AFile, take: Take) -> None:
    def many(prefix: str, count: int) -> str:
        return text(
            *(f"{prefix}{n},Name,Family,male,1990-01-01,,,Kora,,,,,,," for n in range(count))
        )

    with CaptureQueriesContext(connection) as few:
        take(a_file(many("x", 2)))
    with CaptureQueriesContext(connection) as plenty:
        take(a_file(many("y", 400)))

    assert len(plenty) == len(few)


def test_blanks_dashes_and_invisible_characters_in_identifiers_are_dropped_with_a_notice(
    a_file: AFile, take: Take, bruno: Access
) -> None:
    outcome = take(a_file(text(with_cell(AMINA, national_id=" 1234-567\u200b897 "))))

    assert outcome.status == "accepted"
    assert "blanks, dashes or invisible" in outcome.notices[0]
    (found,) = queries.find_persons(text="1234567897", access=bruno).rows
    assert found.name == "Amina Kipsang"


def test_a_parent_may_be_somebody_registered_before(
    a_file: AFile, take: Take, bruno: Access
) -> None:
    take(a_file(text(AMINA)))

    outcome = take(a_file(text(with_cell(CHILD, parent_refs="1234567897", household_ref=""))))

    assert outcome.status == "accepted"
    (amina,) = queries.find_persons(text="1234567897", access=bruno).rows
    record = queries.person_record(
        person_id=amina.person_id, access=bruno, as_of=date(2026, 11, 20), known_at=AT
    )
    assert [(relative.kind, relative.name) for relative in record.kin] == [
        ("child", "Zuri Kipsang")
    ]


def test_progress_runs_to_the_end_of_the_file(a_file: AFile, bruno: Access) -> None:
    rows = [f"r{n},Name,Family,male,1990-01-01,,,Kora,,,,,,," for n in range(2_500)]
    path = a_file(text(*rows))
    told: list[tuple[int, int]] = []

    import_persons(
        path=path, access=bruno, at=AT, progress=lambda done, of: told.append((done, of))
    )

    size = path.stat().st_size
    assert [done for done, _size in told] == sorted(done for done, _size in told)
    assert (len(told), told[-1]) == (3, (size, size))


def test_somebody_without_the_right_takes_nothing_in(a_file: AFile, dario: Access) -> None:
    with pytest.raises(NotPermitted):
        import_persons(path=a_file(text(AMINA)), access=dario, at=AT)

    assert ReceivedFile.objects.count() == 0


def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(
    tmp_path: Path, bruno: Access
) -> None:
    path = sparse_file(tmp_path / "huge.csv", size=2 * 1024**3)
    before = row_counts()

    with pytest.raises(UnableToReceive, match=r"2048 MiB; at most 200 MiB.*not read"):
        import_persons(path=path, access=bruno, at=AT)

    assert row_counts() == before
    assert ReceivedFile.objects.count() == 0


# Each bad file: the row, the column and words of the reason that its error file must show.
CELLS = {
    "a day the calendar does not have": ({"birth_date": "2025-02-31"}, "birth_date", "no such day"),
    "29 February of a common year": ({"birth_date": "2023-02-29"}, "birth_date", "no such day"),
    "a date in another order": ({"birth_date": "28/02/1963"}, "birth_date", "year-month-day"),
    "a birth in the future": ({"birth_date": "2026-11-21"}, "birth_date", "future"),
    "a precision that hides a day": ({"birth_precision": "year"}, "birth_precision", "precisely"),
    "a day said to be known": (
        {"birth_date": "1963", "birth_precision": "day"},
        "birth_precision",
        "not written",
    ),
    "a wrong check digit": ({"national_id": "1234567890"}, "national_id", "check digit"),
    "an identifier of another form": ({"national_id": "12345"}, "national_id", "form"),
    "a formula in a name": ({"given_names": "=HYPERLINK(A1)"}, "given_names", "formula"),
    "a formula after a blank": ({"family_name": " @SUM(A1)"}, "family_name", "formula"),
    "a plus in an account": ({"payment_account": "+254700000"}, "payment_account", "formula"),
    "a minus in an address": ({"address": "-2+3"}, "address", "formula"),
    "a tab in front of a district": ({"district": "\tKora"}, "district", "formula"),
    "a control character in a name": ({"given_names": "Ami\x07na"}, "given_names", "control"),
    "no name at all": ({"given_names": " ", "family_name": "\u200b"}, "given_names", "no name"),
    "an unknown sex": ({"sex": "F"}, "sex", "none of the words"),
    "no sex": ({"sex": ""}, "sex", "empty"),
    "no reference": ({"person_ref": ""}, "person_ref", "empty"),
    "a wallet without its number": ({"payment_account": ""}, "payment_account", "empty"),
    "an account of no kind": ({"payment_kind": ""}, "payment_kind", "which kind"),
    "a BIC that is none": ({"payment_provider": "CBX"}, "payment_provider", "8 or 11"),
    "a name of 300 characters": ({"given_names": "A" * 300}, "given_names", "120 characters"),
    "a parent nobody knows": ({"parent_refs": "nobody"}, "parent_refs", "neither"),
    "one's own parent": ({"parent_refs": "a"}, "parent_refs", "own parent"),
}


@pytest.mark.parametrize("what", CELLS)
def test_a_bad_cell_refuses_the_whole_file_by_row_and_column(
    what: str, a_file: AFile, take: Take
) -> None:
    cells, column, reason = CELLS[what]
    path = a_file(text(MONONYM, with_cell(AMINA, **cells), KHMER))
    before = row_counts()

    outcome = take(path)

    assert_refused_and_nothing_lost(outcome, path, before)
    assert [(e.row, e.column) for e in outcome.listed] == [(3, column)]
    assert reason in outcome.listed[0].reason
    assert outcome.listed[0].remedy


FILES: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": (b"", 0, "empty"),
    "blank lines": (b"\r\n\r\n", 0, "empty"),
    "a header alone": (text(), 0, "header and no row"),
    "a header and blank lines": (text("", ""), 0, "header and no row"),
    "a column too few": (text(header="person_ref,sex"), 1, "Missing columns"),
    "a column too many": (text(header=f"{HEADER},shoe_size"), 1, "unknown name: number 16"),
    "a column twice": (text(header=f"{HEADER},sex"), 1, "named twice: sex"),
    "no header": (text(header=AMINA), 1, "Missing columns"),
    "semicolons": (text(header=HEADER.replace(",", ";")), 1, "not separated by commas"),
    "UTF-16": (text(AMINA).encode("utf-16"), 0, "byte 0 belongs to UTF-16"),
    "Latin-1": (
        text(with_cell(AMINA, given_names="Inés")).encode("latin-1"),
        0,
        f"byte {len(HEADER) + 2 + len('a,In')} belongs",
    ),
    "a spreadsheet": (b"PK\x03\x04" + bytes(100), 0, "spreadsheet"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), 0, "spreadsheet"),
    "a web page": (b"<html><table></table></html>", 0, "web page"),
    "a PDF": (b"%PDF-1.7", 0, "PDF"),
    "half a line": (text(AMINA, MONONYM)[:-20], 3, "middle of its last line"),
    "no line break at the end": (text(AMINA)[:-2], 2, "middle of its last line"),
    "a quotation mark never closed": (
        text(AMINA, with_cell(MONONYM, given_names='"Sokarno')),
        3,
        "never closed",
    ),
    "a quotation mark inside": (text(with_cell(AMINA, given_names='"Ami"na')), 2, "never closed"),
    "a zero byte": (text(AMINA).replace("Amina", "Am\0na"), 2, "zero byte"),
    "a row too short": (text(AMINA, "b,Too,Short"), 3, "3 cells"),
    "a row too long": (text(f"{AMINA},more"), 2, "16 cells"),
    "a reference twice": (text(MONONYM, MONONYM), 3, "earlier row"),
    "an identifier twice": (text(AMINA, with_cell(AMINA, person_ref="b")), 3, "earlier row"),
    "a parent younger than the child": (
        text(AMINA, with_cell(CHILD, birth_date="1950-01-01")),
        3,
        "younger",
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_a_bad_file_is_refused_in_words_and_nothing_is_lost(
    what: str, a_file: AFile, take: Take
) -> None:
    content, row, reason = FILES[what]
    path = a_file(content)
    before = row_counts()

    outcome = take(path)

    assert_refused_and_nothing_lost(outcome, path, before)
    assert outcome.listed[0].row == row
    assert reason in outcome.listed[0].reason
    assert outcome.listed[0].remedy


def test_an_identifier_that_is_registered_refuses_the_file(a_file: AFile, take: Take) -> None:
    take(a_file(text(AMINA)))
    path = a_file(text(MONONYM, with_cell(AMINA, person_ref="again")))
    before = row_counts()

    outcome = take(path)

    assert_refused_and_nothing_lost(outcome, path, before)
    assert [(e.row, e.column) for e in outcome.listed] == [(3, "national_id")]
    assert "registered already" in outcome.listed[0].reason


def test_all_faults_of_a_file_are_reported_at_once(a_file: AFile, take: Take) -> None:
    rows = [with_cell(AMINA, person_ref=f"r{n}", national_id="", sex="?") for n in range(50)]

    outcome = take(a_file(text(*rows)))

    assert outcome.errors == 50
    assert [e.row for e in outcome.listed] == list(range(2, 52))


def test_a_file_with_more_faults_than_anybody_reads_is_counted_to_the_end(
    a_file: AFile, take: Take
) -> None:
    outcome = take(a_file(text(*("x,,,,,,,,,,,,,," for _ in range(10_500)))))

    assert outcome.errors > 10_500
    assert len(outcome.listed) == 10_000
    assert outcome.error_file is not None
    assert "more faults are not listed" in outcome.error_file.read_text(encoding="utf-8")


def test_the_error_file_holds_no_personal_value(a_file: AFile, take: Take) -> None:
    outcome = take(a_file(text(with_cell(AMINA, national_id="1234567890", sex="Amina"))))

    assert outcome.error_file is not None
    written = outcome.error_file.read_text(encoding="utf-8")
    report = str(ReceivedFile.objects.get(id=outcome.received_file_id).report)
    for value in ("Amina", "Kipsang", "1234567890", "Loom"):
        assert value not in written
        assert value not in report


def assert_refused_and_nothing_lost(
    outcome: ImportOutcome, path: Path, before: dict[str, int]
) -> None:
    """Refused with an error file; every table as it was; the original kept to the byte."""
    assert outcome.status == "rejected"
    assert row_counts() == before
    kept = Path(settings.ORIGINALS_DIR) / sha256(path.read_bytes()).hexdigest()
    assert kept.read_bytes() == path.read_bytes()
    received = ReceivedFile.objects.get(id=outcome.received_file_id)
    assert received.outcome == "rejected"
    assert received.report["errors"] == outcome.errors
    assert outcome.error_file is not None
    with outcome.error_file.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [(int(row["row"]), row["column"], row["reason"]) for row in written] == [
        (e.row, e.column, e.reason) for e in outcome.listed
    ]
