"""The other parts of a draft written from the page: new amounts, law, version, questions, cases."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from amparo.rules.authoring.workedcases import case_texts
from amparo.rules.book.queries import drafted_pack, revisions_of
from amparo.rules.packs import Pack
from tests.interfaces.web.institution import Institution

Answer = Any  # what a test browser answers: Django gives it no public name


def text_of(answer: Answer) -> str:
    text: str = answer.content.decode()
    return text


def sent(client: Client, page: str, /, *arguments: object, **said: object) -> str:
    """Send a form of the draft as its page shows it, with some of it changed."""
    address = reverse(f"web:{page}", args=arguments)
    form = client.get(address).context["act"].form
    shown = {field: form.get_initial_for_field(form.fields[field], field) for field in form.fields}
    fields = {field: value for field, value in shown.items() if value not in (None, "", False)}
    return text_of(client.post(address, {**fields, **said, "key": str(uuid4())}, follow=True))


def latest(staff: Institution, draft: UUID) -> Pack:
    return drafted_pack(draft_id=draft, access=staff.access("hana")).pack


NEW = {
    "name": "upper_age",
    "title_en": "Upper age",
    "title_fr": "Âge maximal",
    "type": "number",
    "unit": "years",
    "used_by": ["eligibility"],
    "value": "110",
    "valid_from": "2010-01-01",
    "known_from": "2010-01-01",
    "law": "Order 9, Art. 1",
}


def test_a_new_parameter_is_in_reach_of_the_decisions_chosen(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    text = sent(hana, "draft-parameter-new", draft, **NEW)

    assert "Saved as revision 2." in text
    pack = latest(staff, draft)
    (added,) = [one for one in pack.parameters if one.name == "upper_age"]
    assert (added.titles["fr"], added.unit, added.rows[0].law) == (
        "Âge maximal",
        "years",
        "Order 9, Art. 1",
    )
    assert "upper_age" in {item.name for item in pack.library.main.inputs.values()}
    assert "Parameter added" in text_of(hana.get(reverse("web:draft", args=[draft])))

    # A table of that decision can name it now.
    table = reverse("web:draft-table", args=[draft, "decision_eligibility"])
    editor = hana.get(table).context["editor"]
    fields: dict[str, list[str]] = {"seen": ["2"], "key": [editor.key], "do": ["save"]}
    fields["column"] = [column.key for column in editor.form.columns]
    fields["row"] = [row.id for row in editor.form.rows]
    for column in editor.form.columns:
        fields[f"kind-{column.number}"] = [column.kind]
        fields |= {field.name: [field.text] for field in column.fields}
    for row in editor.form.rows:
        fields |= {field.name: [field.text] for field in (row.description, *row.cells)}
    fields |= {field.name: [field.text] for field in editor.form.table}
    fields["c-3-0"] = ["<= upper_age"]
    assert "Saved as revision 3." in text_of(hana.post(table, fields, follow=True))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"name": "full_amount"}, "There is a parameter full_amount already"),
        ({"name": "resident"}, "The model has something called resident already"),
        ({"name": "upper age"}, "cannot be a name"),
        ({"value": "a lot"}, "is no number"),
        ({"law": " "}, "This field is required"),
        ({"type": "wish"}, "wish is not one of the available choices"),
    ],
)
def test_a_faulty_parameter_is_refused_at_its_field_and_stays_typed(
    staff: Institution,
    draft: UUID,
    hana: Client,
    said: dict[str, str],
    fault: str,
) -> None:
    text = sent(hana, "draft-parameter-new", draft, **{**NEW, **said})

    assert fault in text
    assert 'value="Âge maximal"' in text
    assert latest(staff, draft).version == "2"
    assert len(revisions_of(draft_id=draft, access=staff.access("hana"))) == 1


def test_the_text_of_the_law_is_changed_and_its_change_is_shown(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    text = sent(hana, "draft-law-text", draft, text="# The Act\r\n\r\nArt. 1. Everybody.\r\n")

    assert "Saved as revision 2." in text
    assert latest(staff, draft).files["law.md"] == "# The Act\n\nArt. 1. Everybody.\n"
    assert "Art. 1. Everybody." in text
    changes = text_of(hana.get(reverse("web:draft-law-text", args=[draft])))
    assert "Changes against the version it starts from" in changes
    assert "text of the law" in changes


def test_a_law_without_text_is_refused(staff: Institution, draft: UUID, hana: Client) -> None:
    assert "The law has no text" in sent(hana, "draft-law-text", draft, text="—")
    assert "cannot be kept" in sent(hana, "draft-law-text", draft, text="Art. 1\x0b")
    assert len(revisions_of(draft_id=draft, access=staff.access("hana"))) == 1


def test_the_first_day_and_the_clause_are_changed_together(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    clause = 'claimed_on >= date("2027-07-01")'

    text = sent(
        hana, "draft-version", draft, valid_from="2027-01-01", when=clause, law="Act 8, Art. 3"
    )

    assert "Saved as revision 2." in text
    manifest = latest(staff, draft).manifest
    assert manifest.valid_from.isoformat() == "2027-01-01"
    assert manifest.applicability is not None
    assert (manifest.applicability.when, manifest.applicability.law) == (clause, "Act 8, Art. 3")

    sent(hana, "draft-version", draft, when="", law="")
    assert latest(staff, draft).manifest.applicability is None


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"when": "claimed_on >="}, "claimed_on &gt;=</textarea>"),
        ({"when": "age > 65", "law": "Art. 1"}, "The clause names age"),
        ({"when": "true"}, "The legal source of the clause is missing"),
        ({"law": "Art. 1"}, "There is an article and no clause"),
        ({"valid_from": "soon"}, "Enter a valid date"),
    ],
)
def test_a_faulty_clause_is_refused_at_its_field(
    staff: Institution,
    draft: UUID,
    hana: Client,
    said: dict[str, str],
    fault: str,
) -> None:
    text = sent(hana, "draft-version", draft, **said)

    assert fault in text
    assert "There is a problem" in text
    assert len(revisions_of(draft_id=draft, access=staff.access("hana"))) == 1


def test_a_fact_is_asked_in_other_words(staff: Institution, draft: UUID, hana: Client) -> None:
    text = sent(hana, "draft-question", draft, "resident", en="Lives here", fr="Habite ici")

    assert "Saved as revision 2." in text
    assert latest(staff, draft).label("resident", language="fr") == "Habite ici"
    assert "missing" in sent(hana, "draft-question", draft, "resident", fr=" ")
    unknown = reverse("web:draft-question", args=[draft, "wealth"])
    assert hana.get(unknown).status_code == 404


def test_two_people_write_one_draft_and_nothing_typed_is_lost(
    staff: Institution, draft: UUID, hana: Client
) -> None:
    address = reverse("web:draft-law-text", args=[draft])
    theirs = {"text": "Theirs.", "seen": "1", "key": "theirs"}
    mine = {"text": "Mine.", "seen": "1", "key": "mine"}
    hana.post(address, theirs)

    refused = hana.post(address, mine)

    page = text_of(refused)
    assert "saved revision 2 while you worked on revision 1" in page
    assert "Mine.</textarea>" in page
    assert latest(staff, draft).files["law.md"] == "Theirs.\n"
    assert 'name="seen" value="2"' in page
    hana.post(address, mine | {"seen": "2", "key": "again"})
    assert latest(staff, draft).files["law.md"] == "Mine.\n"
    several = sent(hana, "draft-parameter-new", draft, **NEW, seen="1")
    assert 'value="eligibility" checked' in several


CASE = {
    "id": "just-old-enough",
    "effective": "2027-01-01",
    "fact-date_of_birth": "1957-01-01",
    "fact-claim_date": "2027-01-01",
    "fact-resident": "true",
    "fact-other_pension_amount": "0.00",
    "outcome": "granted",
}


def test_a_case_is_written_by_form_and_runs(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    text = sent(hana, "draft-case-write", draft, "eligibility", **CASE)

    assert "Saved as revision 2." in text
    assert "All 18 worked cases pass." in text
    written = case_texts(latest(staff, draft).files)["just-old-enough"]
    assert '"other_pension_amount": 0.00' in written
    assert '"resident": true' in written


def test_a_case_changed_by_form_keeps_who_signed_it(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    before = case_texts(latest(staff, draft).files)["josefa"]
    assert "signed_by" in before

    text = sent(hana, "draft-case-form", draft, "josefa", **{"fact-resident": ""})

    after = case_texts(latest(staff, draft).files)["josefa"]
    assert "Saved as revision 2." in text
    assert '"resident"' not in after
    assert "signed_by" in after
    assert "1 of 17 worked cases fails." in text or "1 of 17 worked cases fail." in text


def test_a_case_sent_as_it_is_shown_changes_nothing(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    before = latest(staff, draft)

    for case in case_texts(before.files):
        address = reverse("web:draft-case-form", args=[draft, case])
        assert hana.get(address).status_code == 200, case
        sent(hana, "draft-case-form", draft, case)

    assert latest(staff, draft).hash == before.hash


def test_a_case_of_an_amount_must_expect_something(
    staff: Institution,
    draft: UUID,
    hana: Client,
) -> None:
    case = {name: text for name, text in CASE.items() if name != "outcome"}

    nothing = sent(hana, "draft-case-write", draft, "amount", **case)
    words = case | {"fact-other_pension_amount": "a lot", "entry-amount": "100"}
    wrong = sent(hana, "draft-case-write", draft, "amount", **words)

    assert "a case that expects nothing always passes" in nothing
    assert "Write digits with a point, such as 1250.50." in wrong
    assert len(revisions_of(draft_id=draft, access=staff.access("hana"))) == 1


def test_a_case_is_removed_by_form(staff: Institution, draft: UUID, hana: Client) -> None:
    text = sent(hana, "draft-case-form", draft, "josefa", remove="on")

    assert "Saved as revision 2." in text
    assert "josefa" not in case_texts(latest(staff, draft).files)
    unknown = reverse("web:draft-case-write", args=[draft, "happiness"])
    assert hana.get(unknown).status_code == 404
