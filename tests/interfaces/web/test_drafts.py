"""Rules changed from the page: typed, checked, saved, compared, proposed, approved, in force."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook  # type: ignore[import-untyped]

from amparo.governance.kernel.operations import (
    activate_approved_pack,
    approve,
    propose_pack,
)
from amparo.interfaces.web.sheets import fields_of, is_too_large, stepped, typed_sheet
from amparo.journal.queries import events_since
from amparo.rules.authoring import (
    AddRow,
    NewRow,
    RemoveRow,
    Sheet,
    edited,
    table_of,
    with_parameter_row,
)
from amparo.rules.authoring.headings import with_version
from amparo.rules.book.operations import activation_hash
from amparo.rules.book.queries import drafted_pack, packs_listed, revisions_of
from amparo.rules.packs import load_pack, load_pack_files
from amparo.values import Access
from tests.interfaces.web.institution import AT, Institution

SignIn = Callable[[str], Client]
Answer = Any  # what a test browser answers: Django gives it no public name
PENSION = settings.SCHEMES_DIR / "xa" / "social-pension" / "1"
TABLE = "decision_eligibility"
JANUARY, LATER = date(2027, 1, 1), AT + timedelta(hours=1)
NEW_ROW = NewRow(value="50", valid_from="2027-01-01", known_from="2026-11-01", law="Order 8")


def sent(client: Client, draft: UUID, *, decision: str = TABLE) -> dict[str, list[str]]:
    """Return what the form of a table would send as it is shown."""
    form = client.get(reverse("web:draft-table", args=[draft, decision])).context
    editor = form["editor"]
    fields: dict[str, list[str]] = {"seen": [str(editor.seen)], "key": [editor.key]}
    fields["column"] = [column.key for column in editor.form.columns]
    fields["row"] = [row.id for row in editor.form.rows]
    for column in editor.form.columns:
        fields[f"kind-{column.number}"] = [column.kind]
        fields |= {field.name: [field.text] for field in column.fields}
    for row in editor.form.rows:
        fields |= {field.name: [field.text] for field in (row.description, *row.cells)}
    return fields | {field.name: [field.text] for field in editor.form.table}


def post(
    client: Client,
    draft: UUID,
    fields: dict[str, list[str]],
    *,
    do: str = "save",
    headers: dict[str, str] | None = None,
) -> Answer:
    address = reverse("web:draft-table", args=[draft, TABLE])
    return client.post(address, {**fields, "do": do}, follow=True, headers=headers)


def text_of(answer: Answer) -> str:
    text: str = answer.content.decode()
    return text


def number_of(staff: Institution, draft: UUID) -> int:
    return drafted_pack(draft_id=draft, access=staff.access("hana")).number


def stored(staff: Institution, draft: UUID) -> Sheet:
    pack = drafted_pack(draft_id=draft, access=staff.access("hana")).pack
    return table_of(pack.files, TABLE)


# --- the table ------------------------------------------------------------------------------------


def test_a_table_sent_as_it_is_shown_changes_nothing(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    fields = {
        name: [text.replace("\n", "\r\n") for text in texts]
        for name, texts in sent(hana, draft).items()
    }

    post(hana, draft, fields)

    assert number_of(staff, draft) == 1


def test_a_faulty_cell_is_named_at_the_cell_and_nothing_is_saved(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    fields = sent(hana, draft) | {"c-0-0": ["< < 65"]}

    answer = post(hana, draft, fields)

    page = text_of(answer)
    assert "Nothing was saved." in page
    assert 'href="#c-0-0"' in page
    cell = re.search(r'id="c-0-0-error">(.*?)</div>', page, re.DOTALL)
    assert cell is not None
    assert "character" in cell[1]
    assert "&lt; &lt; 65</textarea>" in page
    assert "run again once everything can be read" in page
    assert number_of(staff, draft) == 1


def test_a_saved_table_is_a_revision_and_its_changes_are_shown(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    before = stored(staff, draft).rows[0].cells[0]
    fields = sent(hana, draft)
    fields["c-0-0"] = [f"{before.replace('social_pension_age', '70')}"]

    answer = post(hana, draft, fields)

    assert "Saved as revision 2." in text_of(answer)
    assert 'class="am-code am-edited" id="c-0-0"' in text_of(answer)
    overview = text_of(hana.get(reverse("web:draft", args=[draft])))
    assert "Table edited" in overview
    assert events_since(kind="rules.draft_saved", actor_id=staff.staff["hana"], since=AT) == 1


def test_what_is_typed_is_checked_while_one_types(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    fields = sent(hana, draft) | {"c-0-0": ["< 20"]}

    answer = post(hana, draft, fields, do="check", headers={"HX-Request": "true"})

    page = text_of(answer)
    assert "<html" not in page
    assert "worked cases fail." in page
    assert 'id="c-0-0-error" hx-swap-oob="innerHTML"' in page
    assert "expected" in page
    assert number_of(staff, draft) == 1


def test_a_check_without_scripts_shows_the_page_as_typed(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    answer = post(hana, draft, sent(hana, draft) | {"c-0-0": ["< 20"]}, do="check")

    assert "Checked. Nothing is saved yet." in text_of(answer)
    assert "&lt; 20</textarea>" in text_of(answer)
    assert number_of(staff, draft) == 1


@pytest.mark.parametrize(
    ("step", "order", "focus"),
    [
        ("row-down:0", [1, 0, 2, 3], "c-1-0"),
        ("row-up:0", [0, 1, 2, 3], "c-0-0"),
        ("row-up:2", [0, 2, 1, 3], "c-1-0"),
        ("row-down:3", [0, 1, 2, 3], "c-3-0"),
        ("row-remove:1", [0, 2, 3], "c-0-0"),
    ],
)
def test_a_step_answers_with_the_rules_in_their_new_order(
    draft: UUID, hana: Client, step: str, order: list[int], focus: str
) -> None:
    fields = sent(hana, draft)

    answer = post(hana, draft, fields, do=step)

    rows = [row.id for row in answer.context["editor"].form.rows]
    assert rows == [fields["row"][place] for place in order]
    assert re.search(rf'id="{focus}"[^>]*autofocus', text_of(answer))


def test_a_new_rule_is_empty_and_not_saved_until_it_is_filled(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    answer = post(hana, draft, sent(hana, draft), do="row-add:3")

    editor = answer.context["editor"]
    assert [row.id for row in editor.form.rows][-1] == "eligibility_table_rule_5"
    assert "The output is empty" in text_of(answer)
    assert number_of(staff, draft) == 1


def test_a_column_for_notes_is_added_and_taken_away(draft: UUID, hana: Client) -> None:
    fields = sent(hana, draft)
    added = post(hana, draft, fields, do="column-add:annotation")
    columns = added.context["editor"].form.columns
    assert len(columns) == len(fields["column"]) + 1

    fields |= {"column": [one.key for one in columns], f"kind-{len(columns) - 1}": ["annotation"]}
    fields[f"name-{len(columns) - 1}"] = ["Why"]
    saved = post(hana, draft, fields)
    assert "Saved as revision 2." in text_of(saved)

    last = len(columns) - 1
    removed = post(hana, draft, sent(hana, draft), do=f"column-remove:{last}")
    assert len(removed.context["editor"].form.columns) == last


def test_a_step_that_does_not_exist_is_a_bad_request(draft: UUID, hana: Client) -> None:
    for step in ("row-sideways:1", "row-up:99", "column-remove:99", "column-add:wish", "drop"):
        assert post(hana, draft, sent(hana, draft), do=step).status_code == 400, step
    assert (
        post(hana, draft, sent(hana, draft) | {"column": ["x"], "kind-0": ["wish"]}).status_code
        == 400
    )


def test_two_people_do_not_overwrite_each_other(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    mine, theirs = sent(hana, draft), sent(hana, draft)
    theirs["description"] = ["Theirs."]
    post(hana, draft, theirs)
    mine["c-0-0"] = ["< 70"]

    answer = post(hana, draft, mine)

    page = text_of(answer)
    assert "saved revision 2 while you worked on revision 1" in page
    assert "What was saved meanwhile" in page
    assert "Theirs." in page
    assert "&lt; 70</textarea>" in page
    assert stored(staff, draft).description == "Theirs."
    assert answer.context["editor"].seen == 2

    # What was left as it was is theirs, so saving after them undoes nothing.
    assert "Theirs.</textarea>" in page
    together = {
        field.name: [field.text] for row in answer.context["form"].rows for field in row.cells
    }
    together |= {field.name: [field.text] for field in answer.context["form"].table}
    post(hana, draft, mine | together | {"seen": ["2"], "key": ["after"]})
    saved = stored(staff, draft)
    assert (saved.rows[0].cells[0], saved.description) == ("< 70", "Theirs.")


def test_rules_moved_meanwhile_are_not_put_together(draft: UUID, hana: Client) -> None:
    mine, theirs = sent(hana, draft), sent(hana, draft)
    fewer = post(hana, draft, theirs, do="row-remove:3").context["form"]
    theirs["row"] = [row.id for row in fewer.rows]
    post(hana, draft, theirs)

    answer = post(hana, draft, mine | {"c-0-0": ["< 70"]})

    assert "without it. Both stay on record." in text_of(answer)
    assert len(answer.context["form"].rows) == 4


def test_a_form_that_arrives_twice_is_one_revision(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    fields = sent(hana, draft) | {"description": ["Once."]}

    post(hana, draft, fields)
    again = post(hana, draft, fields)

    assert "Saved as revision 2." in text_of(again)
    assert number_of(staff, draft) == 2


def test_a_table_that_the_pack_does_not_have_is_not_found(draft: UUID, hana: Client) -> None:
    assert hana.get(reverse("web:draft-table", args=[draft, "nothing"])).status_code == 404
    assert hana.get(reverse("web:draft-table-file", args=[draft, TABLE, "pdf"])).status_code == 404


# --- to a file and back ---------------------------------------------------------------------------


def exported(client: Client, draft: UUID, form: str) -> bytes:
    return client.get(reverse("web:draft-table-file", args=[draft, TABLE, form])).content


def imported(client: Client, draft: UUID, name: str, content: bytes, seen: int = 1) -> str:
    address = reverse("web:draft-table-import", args=[draft, TABLE])
    upload = SimpleUploadedFile(name, content)
    return text_of(client.post(address, {"seen": seen, "key": name, "file": upload}, follow=True))


def test_a_table_travels_to_excel_and_back(staff: Institution, draft: UUID, hana: Client) -> None:
    book = load_workbook(io.BytesIO(exported(hana, draft, "xlsx")))
    rules = book["Rules"]
    rules.cell(row=2, column=2).value = "< 70"
    changed = io.BytesIO()
    book.save(changed)

    page = imported(hana, draft, "eligibility.xlsx", changed.getvalue())

    assert "Taken over, as revision 2." in page
    assert stored(staff, draft).rows[0].cells[0] == "< 70"


def test_a_table_travels_to_markdown_and_back(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    text = exported(hana, draft, "md").decode()
    before = stored(staff, draft)

    assert "Taken over, as revision 1." in imported(hana, draft, "same.md", text.encode())
    changed = text.replace(before.description, "Another description.")
    assert "Taken over, as revision 2." in imported(hana, draft, "new.md", changed.encode())


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("table.pdf", b"%PDF", "neither Excel nor Markdown"),
        ("table.xlsx", b"PK no workbook", "no Excel workbook"),
        ("table.md", b"\xff\xfe", "not UTF-8"),
        ("table.md", b"## Rules\n\nno table\n", "no line of a table"),
    ],
)
def test_a_file_that_is_no_table_changes_nothing(
    staff: Institution, draft: UUID, hana: Client, name: str, content: bytes, fault: str
) -> None:
    page = imported(hana, draft, name, content)

    assert fault in page
    assert number_of(staff, draft) == 1


def test_the_file_of_another_table_is_refused(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    text = exported(hana, draft, "md").decode().replace(TABLE, "decision_other")

    page = imported(hana, draft, "other.md", text.encode())

    assert "Open that table and send the file there." in page
    assert number_of(staff, draft) == 1


# --- parameters, reasons, cases -------------------------------------------------------------------


def row_of(**changes: str) -> dict[str, str]:
    return {
        "parameter": "full_amount",
        "value": "1450",
        "valid_from": "2027-01-01",
        "known_from": "2026-11-01",
        "law": "Order 7 of 2026",
        "seen": "1",
        **changes,
    }


def test_a_dated_row_is_added_and_taken_back(staff: Institution, draft: UUID, hana: Client) -> None:
    address = reverse("web:draft-parameters", args=[draft])

    added = hana.post(address, row_of(), follow=True)

    assert "Saved as revision 2." in text_of(added)
    pack = drafted_pack(draft_id=draft, access=staff.access("hana")).pack
    row = pack.parameter("full_amount", date(2027, 1, 1))
    assert row is not None
    assert (str(row.value), row.law) == ("1450", "Order 7 of 2026")

    (action,) = added.context["actions"]
    back = hana.post(action.href, dict(action.form.initial), follow=True)
    assert "Saved as revision 3." in text_of(back)
    again = drafted_pack(draft_id=draft, access=staff.access("hana"))
    assert again.pack.files["parameters.toml"] == again.base.pack.files["parameters.toml"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"value": "a lot"}, "is no number"),
        ({"law": " "}, "required"),
        ({"valid_to": "2026-12-01"}, "ends before it starts"),
        ({"seen": "9"}, "while you worked on revision 9"),
    ],
)
def test_a_row_that_cannot_be_is_refused_at_its_field(
    staff: Institution, draft: UUID, hana: Client, changes: dict[str, str], fault: str
) -> None:
    answer = hana.post(reverse("web:draft-parameters", args=[draft]), row_of(**changes))

    assert fault in text_of(answer)
    assert number_of(staff, draft) == 1


def test_a_row_in_force_cannot_be_taken_back(staff: Institution, draft: UUID, hana: Client) -> None:
    answer = hana.post(
        reverse("web:draft-row-back", args=[draft]),
        {"row": "full_amount|2020-01-01|2019-01-01T00:00:00+00:00|True", "seen": "1"},
        follow=True,
    )

    assert "no such row of its own" in text_of(answer)
    assert number_of(staff, draft) == 1


def test_the_words_and_the_law_of_a_reason_are_changed(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    address = reverse("web:draft-reason", args=[draft, "AGE_NOT_REACHED"])
    said = {"law": "Act, Art. 3", "en": "Not yet 66.", "fr": "Pas encore 66 ans.", "seen": "1"}

    assert "is missing" in text_of(hana.post(address, said | {"law": "", "key": "a"}))
    answer = hana.post(address, said | {"key": "b"}, follow=True)

    assert "Saved as revision 2." in text_of(answer)
    pack = drafted_pack(draft_id=draft, access=staff.access("hana")).pack
    reason = next(one for one in pack.reasons if one.code == "AGE_NOT_REACHED")
    assert (reason.law, reason.texts["fr"]) == ("Act, Art. 3", "Pas encore 66 ans.")
    assert len(pack.reasons) == len(load_pack(PENSION).reasons)


def test_a_worked_case_is_written_changed_and_removed(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    new = reverse("web:draft-case-new", args=[draft])
    text = (
        '{"id": "whole-amount", "decision": "amount", "origin": "signed",'
        ' "effective": "2026-06-01", "inputs": {"other_pension_amount": 0},'
        ' "expected": {"value": 0.10}}'
    )

    assert "no JSON" in text_of(hana.post(new, {"text": "{", "seen": "1", "key": "a"}))
    assert "a case josefa already" in text_of(
        hana.post(new, {"text": text.replace("whole-amount", "josefa"), "seen": "1", "key": "b"})
    )
    answer = hana.post(new, {"text": text, "seen": "1", "key": "c"}, follow=True)
    assert "Saved as revision 2." in text_of(answer)
    assert "expected 0.10, got" in text_of(answer)

    address = reverse("web:draft-case", args=[draft, "whole-amount"])
    shown = hana.get(address).context["act"].form.initial["text"]
    assert '"value": 0.10' in shown
    hana.post(address, {"text": shown, "remove": "on", "seen": "2", "key": "d"}, follow=True)
    assert hana.get(address).status_code == 404
    assert number_of(staff, draft) == 3


# --- the way into force ---------------------------------------------------------------------------


def test_a_draft_is_started_from_the_page(staff: Institution, draft: UUID, hana: Client) -> None:
    version_id = packs_listed()[0].version_id
    said = {"base": str(version_id), "version": "3", "title": "A second draft"}

    wrong = hana.post(reverse("web:draft-new"), said | {"version": "1"})
    answer = hana.post(reverse("web:draft-new"), said, follow=True)

    assert "already has a version 1" in text_of(wrong)
    assert "The draft is started." in text_of(answer)
    assert "A second draft" in text_of(hana.get(reverse("web:drafts")))


def test_an_earlier_revision_is_restored_and_a_draft_discarded(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    post(hana, draft, sent(hana, draft) | {"description": ["Worse."]})

    restored = hana.post(
        reverse("web:draft-restore", args=[draft]), {"number": "1", "seen": "2"}, follow=True
    )
    assert "Restored, as revision 3." in text_of(restored)
    assert stored(staff, draft).description != "Worse."

    discard = reverse("web:draft-discard", args=[draft])
    assert "Tick the box" in text_of(hana.post(discard, {}, follow=True))
    assert "Discarded" in text_of(hana.post(discard, {"confirmed": "yes"}, follow=True))
    assert "closed to changes" in text_of(
        post(hana, draft, sent(hana, draft) | {"description": ["X"]})
    )


def proposed(client: Client, draft: UUID, seen: int) -> Answer:
    said = {"applies_from": "2027-01-01", "reason": "Order 7 of 2026.", "seen": str(seen)}
    return client.post(reverse("web:draft-propose", args=[draft]), said, follow=True)


def test_a_draft_goes_through_the_board_into_force(
    staff: Institution, draft: UUID, hana: Client, sign_in: SignIn
) -> None:
    hana.post(reverse("web:draft-parameters", args=[draft]), row_of(), follow=True)
    assert "Proposed. The board decides" in text_of(proposed(hana, draft, 2))
    activate = reverse("web:draft-activate", args=[draft])
    assert "is not approved" in text_of(hana.post(activate, {"confirmed": "yes"}, follow=True))

    ines = sign_in("ines")
    drafted = drafted_pack(draft_id=draft, access=staff.access("ines")).draft
    resolution = ines.get(reverse("web:resolution", args=[drafted.resolution_id]))
    assert "full_amount, row from 2027-01-01" in text_of(resolution)
    assert "worked cases pass" in text_of(resolution)
    form = resolution.context["actions"][0].form
    ines.post(
        reverse("web:resolution-approve", args=[drafted.resolution_id]),
        {"content_hash": form.initial["content_hash"], "reason": "Yes.", "confirmed": "yes"},
    )
    assert "Put the rules in force" in text_of(hana.get(reverse("web:draft", args=[draft])))

    answer = hana.post(activate, {"confirmed": "yes"}, follow=True)

    assert "The rules are in force" in text_of(answer)
    assert [one.version for one in packs_listed()] == ["2", "1"]


def test_a_draft_sent_back_is_taken_up_again(
    staff: Institution, draft: UUID, hana: Client, sign_in: SignIn
) -> None:
    hana.post(reverse("web:draft-parameters", args=[draft]), row_of(), follow=True)
    proposed(hana, draft, 2)
    drafted = drafted_pack(draft_id=draft, access=staff.access("ines")).draft
    sign_in("ines").post(
        reverse("web:resolution-refuse", args=[drafted.resolution_id]), {"reason": "Too much."}
    )

    shown = text_of(hana.get(reverse("web:draft", args=[draft])))
    answer = hana.post(reverse("web:draft-reopen", args=[draft]), follow=True)

    assert "Sent back by the board" in shown
    assert "Too much." in shown
    assert "The draft is open again." in text_of(answer)


def test_a_draft_whose_cases_fail_is_not_proposed(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    post(hana, draft, sent(hana, draft) | {"c-0-0": ["< 20"]})

    answer = proposed(hana, draft, 2)

    assert "worked cases fail and" in text_of(answer)
    assert drafted_pack(draft_id=draft, access=staff.access("hana")).draft.state == "open"


def test_a_version_put_in_force_meanwhile_is_compared(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    files = with_version(load_pack(PENSION).files, "1a")
    pack = load_pack_files(with_parameter_row(files, "disregard", NEW_ROW))
    resolution_id = propose_pack(
        pack=pack, applies_from=JANUARY, reason="Act.", access=staff.access("hana"), at=LATER
    )
    approve(
        resolution_id=resolution_id,
        content_hash=activation_hash(pack=pack, applies_from=JANUARY),
        reason="Yes.",
        access=staff.access("ines"),
        at=LATER,
    )
    activate_approved_pack(
        resolution_id=resolution_id,
        pack=pack,
        applies_from=JANUARY,
        access=staff.access("hana"),
        at=LATER,
    )

    page = text_of(hana.get(reverse("web:draft", args=[draft])))

    assert "Changes against version 1a, put in force since" in page
    assert "disregard, row from 2027-01-01" in page


def test_the_board_reads_a_draft_and_changes_nothing(draft: UUID, sign_in: SignIn) -> None:
    ines = sign_in("ines")

    page = text_of(ines.get(reverse("web:draft", args=[draft])))

    assert "The amount of 2027" in page
    assert "Discard the draft" not in page
    assert reverse("web:draft-table", args=[draft, TABLE]) not in page
    for name in ("draft-discard", "draft-restore", "draft-reopen", "draft-row-back"):
        assert ines.post(reverse(f"web:{name}", args=[draft])).status_code == 403, name
    assert len(revisions_of(draft_id=draft, access=_access(ines, draft))) == 1


def _access(client: Client, draft: UUID) -> Access:
    access: Access = client.get(reverse("web:draft", args=[draft])).context["visit"].access
    return access


# --- the form of a sheet --------------------------------------------------------------------------


def pension() -> Sheet:
    return table_of(load_pack(PENSION).files, TABLE)


def test_a_rule_known_by_its_place_gets_an_id_when_it_moves() -> None:
    sheet = pension()
    for number, row in enumerate(sheet.rows, start=1):
        sheet = edited(edited(sheet, RemoveRow(row.id)), AddRow(f"rule {number}", cells=row.cells))
    numbers = sorted(row.id for row in sheet.rows)

    moved = stepped(sheet, "row-remove:0").sheet

    assert numbers == ["rule 1", "rule 2", "rule 3", "rule 4"]
    assert len({row.id for row in moved.rows}) == 3
    assert all(
        not row.id.startswith("rule ") or row.id == f"rule {place}"
        for place, row in enumerate(moved.rows, start=1)
    )


def test_a_table_with_too_many_fields_is_edited_in_a_spreadsheet() -> None:
    sheet = pension()
    for number in range(200):
        sheet = edited(sheet, AddRow(f"more_{number}"))

    assert not is_too_large(pension())
    assert is_too_large(sheet)


def test_every_fault_has_a_place_to_stand() -> None:
    sheet = pension()
    sent_nothing = typed_sheet(QueryDict(), sheet)

    form = fields_of(sent_nothing, (), before=None)

    assert form.rows == []
    assert list(form.named()) == []
    assert form.elsewhere() == []
