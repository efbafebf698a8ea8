# ruff: noqa: RUF001 — names and digits of several scripts
"""What is said of a person beside name, birth and home: several at once, each with two times."""

import unicodedata
from collections.abc import Callable
from datetime import date

import pytest

from amparo.register import operations
from amparo.register.facts import FactChangedMeanwhile
from amparo.register.naming import NotAName
from amparo.register.operations import (
    NobodyThere,
    UnableToGround,
    UnableToRegister,
)
from amparo.register.queries import fact_history, facts_for_decision, special_facts
from amparo.register.records import NameParts
from amparo.values import Access, NotPermitted, Right
from tests.register.conftest import access_with
from tests.register.people import AT, GROUNDS, LATER, record_of, register, said, since, writing

pytestmark = pytest.mark.django_db

NAMES = {
    "Khmer": ("សុខ", "ចាន់", "Khmr"),
    "Arabic": ("أمينة", "حسن", "Arab"),
    "Amharic": ("አልማዝ", "ከበደ", "Ethi"),
    "combining marks": ("Nguye\u0302\u0303n", "Thuy\u0323", "Latn"),
    "a joiner inside a Persian word": ("علی\u200cرضا", "", "Arab"),
    "two scripts": ("Amina", "حسن", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_another_name_is_kept_in_its_own_script(name: str, bruno: Access) -> None:
    given, family, script = NAMES[name]
    amina = register(bruno, "Amina")

    operations.state_other_name(
        writing=writing(amina, bruno),
        kind="other-script",
        given_names=given,
        family_name=family,
        during=since(None),
    )

    [found] = said(record_of(amina, bruno), "other-name")
    assert (found["script"], found["kind"]) == (script, "other-script")
    assert found["given_names"] == unicodedata.normalize("NFC", given)


def test_what_nobody_sees_in_a_name_is_gone(bruno: Access) -> None:
    amina = register(bruno, "Ami\u200bna\u2060")

    assert record_of(amina, bruno).name.full == "Amina"  # type: ignore[union-attr]


@pytest.mark.parametrize("given", ["", "   ", "\u200b", "x" * 300, "7", "a\x00b"])
def test_a_name_that_is_none_is_refused(given: str, bruno: Access) -> None:
    amina = register(bruno, "Amina")

    with pytest.raises((UnableToRegister, NotAName)):
        operations.state_other_name(
            writing=writing(amina, bruno),
            kind="alias",
            given_names=given,
            family_name="",
            during=since(None),
        )


def test_a_family_name_that_stands_first_is_written_first_everywhere(bruno: Access) -> None:
    sok = register(bruno, "Dara", family_name="Sok", parts=NameParts(is_family_first=True))
    child = register(bruno, "Maly", parent_ids=(sok,))
    ivan = register(
        bruno, "Ivan", family_name="Ivanov", parts=NameParts(patronymic="Petrovich", clan="Bear")
    )

    assert record_of(sok, bruno).name.full == "Sok Dara"  # type: ignore[union-attr]
    assert [relative.name for relative in record_of(child, bruno).kin] == ["Sok Dara"]
    assert record_of(ivan, bruno).name.full == "Ivan Petrovich Ivanov"  # type: ignore[union-attr]
    assert record_of(ivan, bruno).name.clan == "Bear"  # type: ignore[union-attr]


def test_a_corrected_name_keeps_the_parts_of_which_nothing_is_said(bruno: Access) -> None:
    ivan = register(bruno, "Iwan", family_name="Ivanov", parts=NameParts(patronymic="Petrovich"))
    name = record_of(ivan, bruno).name
    assert name is not None

    operations.correct_name(
        person_id=ivan,
        fact_id=name.times.fact_id,
        given_names="Ivan",
        family_name="Ivanov",
        grounds=GROUNDS,
        access=bruno,
        at=LATER,
    )

    assert record_of(ivan, bruno).name.full == "Ivan Petrovich Ivanov"  # type: ignore[union-attr]


def test_a_civil_status_follows_another(bruno: Access) -> None:
    amina = register(bruno, "Amina", born=date(1963, 2, 28))
    operations.state_civil_status(
        writing=writing(amina, bruno), status="single", during=since(None)
    )
    operations.state_civil_status(
        writing=writing(amina, bruno), status="widowed", during=since(date(2020, 5, 1))
    )

    assert said(record_of(amina, bruno), "civil-status") == [{"status": "widowed"}]
    before = record_of(amina, bruno, on=date(2020, 4, 30))
    assert said(before, "civil-status") == [{"status": "single"}]


def test_somebody_may_be_a_citizen_of_two_states_and_is_one_of_ours(bruno: Access) -> None:
    amina = register(bruno, "Amina")
    for country in ("XA", "KE"):
        operations.state_nationality(
            writing=writing(amina, bruno), kind="citizenship", country=country, during=since(None)
        )

    assert {each["country"] for each in said(record_of(amina, bruno), "nationality")} == {
        "XA",
        "KE",
    }


@pytest.mark.parametrize(
    ("kind", "country", "expected"),
    [("citizenship", "XA", True), ("citizenship", "KE", False), ("stateless", "", False)],
)
def test_citizenship_is_a_fact_that_decisions_read(
    kind: str, country: str, expected: object, bruno: Access, reading_all: None
) -> None:
    amina = register(bruno, "Amina")
    before = facts_for_decision(person_id=amina, as_of=AT.date(), known_at=LATER)
    operations.state_nationality(
        writing=writing(amina, bruno), kind=kind, country=country, during=since(None)
    )

    after = facts_for_decision(person_id=amina, as_of=AT.date(), known_at=LATER)

    assert before.values["is_citizen"] is None
    assert after.values["is_citizen"] is expected
    assert len(after.facts_of["is_citizen"]) == 1


def test_nobody_is_stateless_and_a_citizen_on_one_day(bruno: Access) -> None:
    yara = register(bruno, "Yara")
    operations.state_nationality(
        writing=writing(yara, bruno), kind="stateless", during=since(None, date(2024, 1, 1))
    )
    operations.state_nationality(
        writing=writing(yara, bruno),
        kind="citizenship",
        country="XA",
        during=since(date(2024, 1, 1)),
    )

    with pytest.raises(UnableToRegister, match="stateless and a citizen"):
        operations.state_nationality(
            writing=writing(yara, bruno),
            kind="citizenship",
            country="XA",
            during=since(date(2023, 12, 31)),
        )


def test_a_refugee_is_under_the_protection_of_a_state(bruno: Access) -> None:
    yara = register(bruno, "Yara")
    operations.state_nationality(
        writing=writing(yara, bruno), kind="refugee", country="XA", during=since(date(2019, 3, 2))
    )

    with pytest.raises(UnableToRegister, match="two capital letters"):
        operations.state_nationality(
            writing=writing(yara, bruno), kind="refugee", during=since(None)
        )

    [found] = said(record_of(yara, bruno), "nationality")
    assert found == {"kind": "refugee", "country": "XA"}


def test_letters_are_written_in_one_language_and_the_other_is_spoken_still(bruno: Access) -> None:
    amina = register(bruno, "Amina")
    for language, day in (("fr", None), ("sw", date(2020, 1, 1))):
        operations.state_language(
            writing=writing(amina, bruno), language=language, is_preferred=True, during=since(day)
        )

    now = said(record_of(amina, bruno), "language")
    before = said(record_of(amina, bruno, on=date(2019, 12, 31)), "language")

    assert sorted((each["language"], each["is_preferred"]) for each in now) == [
        ("fr", "False"),
        ("sw", "True"),
    ]
    assert [(each["language"], each["is_preferred"]) for each in before] == [("fr", "True")]


def test_a_telephone_is_written_in_one_form_and_confirmed(bruno: Access) -> None:
    amina = register(bruno, "Amina")
    fact_id = operations.state_contact(
        writing=writing(amina, bruno),
        kind="phone",
        value="+999 (20) 12-34-56",
        during=since(date(2025, 2, 1)),
    )

    operations.confirm_contact(
        writing=writing(amina, bruno), fact_id=fact_id, on=date(2026, 11, 20), how="code-returned"
    )

    record = record_of(amina, bruno)
    assert said(record, "contact") == [
        {
            "kind": "phone",
            "value": "+99920123456",
            "verified_on": "2026-11-20",
            "verified_how": "code-returned",
        }
    ]
    assert [fact.times.confidence for fact in record.further] == ["verified"]
    with pytest.raises(FactChangedMeanwhile):
        operations.confirm_contact(
            writing=writing(amina, bruno), fact_id=fact_id, on=AT.date(), how="code-returned"
        )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "020123456"),
        ("phone", "+9"),
        ("phone", "+" + "9" * 16),
        ("phone", "+999١٢٣٤٥٦"),
        ("email", "amina"),
        ("email", "a@b"),
        ("email", "a b@example.org"),
        ("email", "a@" + "b" * 260 + ".org"),
        ("pigeon", "message"),
    ],
)
def test_a_contact_that_reaches_nobody_is_refused(kind: str, value: str, bruno: Access) -> None:
    amina = register(bruno, "Amina")

    with pytest.raises(UnableToRegister):
        operations.state_contact(
            writing=writing(amina, bruno), kind=kind, value=value, during=since(None)
        )


def test_a_fact_ends_and_another_was_never_true_and_both_are_remembered(bruno: Access) -> None:
    amina = register(bruno, "Amina")
    old = operations.state_contact(
        writing=writing(amina, bruno, at=AT), kind="email", value="a@b.org", during=since(None)
    )
    wrong = operations.state_contact(
        writing=writing(amina, bruno, at=AT), kind="email", value="z@b.org", during=since(None)
    )

    operations.end_fact(
        writing=writing(amina, bruno), kind="contact", fact_id=old, ends_before=date(2026, 1, 1)
    )
    operations.withdraw_fact(
        writing=writing(amina, bruno, grounds=GROUNDS), kind="contact", fact_id=wrong
    )

    assert said(record_of(amina, bruno), "contact") == []
    assert len(said(record_of(amina, bruno, on=date(2025, 12, 31)), "contact")) == 1
    assert len(said(record_of(amina, bruno, at=AT), "contact")) == 2
    assert (
        len(
            [line for line in fact_history(person_id=amina, access=bruno) if line.kind == "contact"]
        )
        == 3
    )
    with pytest.raises(UnableToGround):
        operations.withdraw_fact(writing=writing(amina, bruno), kind="contact", fact_id=old)


def test_another_persons_fact_is_not_ended(bruno: Access) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    hers = operations.state_contact(
        writing=writing(amina, bruno), kind="email", value="a@b.org", during=since(None)
    )

    with pytest.raises(NobodyThere):
        operations.end_fact(
            writing=writing(zuri, bruno), kind="contact", fact_id=hers, ends_before=AT.date()
        )


def test_dario_writes_nothing_down(bruno: Access, dario: Access) -> None:
    amina, zuri = register(bruno, "Amina"), register(bruno, "Zuri")
    by_dario = writing(amina, dario)

    attempts: tuple[Callable[[], object], ...] = (
        lambda: operations.state_civil_status(
            writing=by_dario, status="single", during=since(None)
        ),
        lambda: operations.state_contact(
            writing=by_dario, kind="email", value="a@b.org", during=since(None)
        ),
        lambda: operations.record_union(
            writing=by_dario, partner_id=zuri, form="", starts_on=AT.date()
        ),
        lambda: operations.state_special_fact(
            writing=by_dario, category="health", is_self_identified=False, during=since(None)
        ),
    )
    for attempt in attempts:
        with pytest.raises(NotPermitted):
            attempt()


# --- what is protected more -------------------------------------------------------------------


@pytest.fixture
def salma() -> Access:
    """Salma takes down disabilities: she has the right to what is protected more."""
    return access_with(
        Right.PERSON_READ, Right.PERSON_REGISTER, Right.SPECIAL_READ, Right.SPECIAL_REGISTER
    )


def test_a_disability_is_read_with_the_right_to_it_alone(bruno: Access, salma: Access) -> None:
    amina = register(bruno, "Amina")
    operations.state_special_fact(
        writing=writing(amina, salma),
        category="disability",
        code="seeing",
        detail="Some difficulty",
        is_self_identified=True,
        during=since(None),
    )

    [fact] = special_facts(person_id=amina, access=salma, as_of=AT.date(), known_at=LATER)

    assert (fact.values["code"], fact.values["detail"]) == ("seeing", "Some difficulty")
    with pytest.raises(NotPermitted):
        special_facts(person_id=amina, access=bruno, as_of=AT.date(), known_at=LATER)
    assert record_of(amina, bruno).further == ()
    assert all(line.kind != "special" for line in fact_history(person_id=amina, access=bruno))


def test_only_the_person_says_that_they_are_indigenous_and_may_take_it_back(
    bruno: Access, salma: Access
) -> None:
    amina = register(bruno, "Amina")
    with pytest.raises(UnableToRegister, match="Ask them"):
        operations.state_special_fact(
            writing=writing(amina, salma),
            category="indigenous",
            is_self_identified=False,
            during=since(None),
        )
    fact_id = operations.state_special_fact(
        writing=writing(amina, salma, at=AT),
        category="indigenous",
        is_self_identified=True,
        during=since(None),
    )

    operations.withdraw_special_fact(
        writing=writing(amina, salma, grounds=GROUNDS), fact_id=fact_id
    )

    assert special_facts(person_id=amina, access=salma, as_of=AT.date(), known_at=LATER) == ()
