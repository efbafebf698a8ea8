"""A draft simulated from its page: asked for, found by the job, read by each as they may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from amparo.interfaces.worker.jobs import simulate_draft
from amparo.journal.models import Event
from amparo.journal.queries import events_since
from amparo.rules.authoring import NewRow, with_parameter_row
from amparo.rules.book.models import SimulatedCase, Simulation
from amparo.rules.book.operations import (
    Question,
    UnableToSimulate,
    record_simulation,
    save_draft,
)
from amparo.rules.book.queries import (
    NoSuchSimulation,
    drafted_pack,
    simulated_case,
    simulated_cases,
    simulation,
    simulations_of_content,
)
from amparo.values import NotPermitted
from tests.interfaces.web.institution import AT, Institution, simulated

SignIn = Callable[[str], Client]
Answer = Any  # what a test browser answers: Django gives it no public name


def text_of(answer: Answer) -> str:
    text: str = answer.content.decode()
    return text


def asked(institution: Institution, **said: object) -> dict[str, object]:
    """Return what the form sends, with some of it changed."""
    assert institution.simulation is not None
    record = simulation(
        simulation_id=institution.simulation, access=institution.access("hana")
    ).listed
    return {
        "base": str(record.base_id),
        "benefit": "social_pension",
        "on": "2027-01-01",
        "population": "caseload",
        "seen": "2",
        "key": str(uuid4()),
        **said,
    }


def found(institution: Institution, client: Client, **said: object) -> UUID:
    """Ask on the page, let the job do it, and return the simulation."""
    address = reverse("web:simulation-new", args=[institution.draft])
    answer = client.post(address, asked(institution, **said), follow=True)
    work_id: UUID = answer.resolver_match.kwargs["work_id"]
    simulate_draft(work_id=str(work_id))
    return work_id


def page(client: Client, name: str, *arguments: object) -> str:
    return text_of(client.get(reverse(f"web:{name}", args=arguments)))


def test_a_simulation_is_asked_for_found_and_read(
    institution: Institution, sign_in: SignIn
) -> None:
    hana = sign_in("hana")

    simulation_id = found(institution, hana)

    work = page(hana, "simulation-work", simulation_id)
    assert "Simulated. The result is kept with the draft." in work
    result = page(hana, "simulation", simulation_id)
    assert "Cost a month, XTS" in result
    assert "the register&#x27;s caseload" in result
    assert "case 1" in result
    told = page(hana, "draft", institution.draft)
    assert "of this content" in told
    assert events_since(kind="rules.simulated", actor_id=institution.staff["hana"], since=AT) == 2


def test_nobody_is_named_in_what_the_caseload_comes_to(
    institution: Institution, sign_in: SignIn
) -> None:
    hana = sign_in("hana")
    simulation_id = found(institution, hana)

    text = page(hana, "simulation", simulation_id)
    cases = simulated_cases(simulation_id=simulation_id, access=institution.access("hana"))
    text += "".join(page(hana, "simulation-case", simulation_id, one.number) for one in cases)

    assert cases
    assert "1956-··-··" in text
    for secret in ("Mbeki", "Josefa", "Pedro", "1956022904", "1956-02-29", "29 Feb", "A-2026"):
        assert secret not in text, secret
    reads = Event.objects.filter(kind="read", details__read="cases simulated")
    assert {read.details["right"] for read in reads} == {"rules.simulate"}
    taken = Event.objects.filter(kind="read", details__read="caseload").get()
    assert taken.details["right"] == "rules.simulate"


def test_the_board_sees_the_figures_and_no_single_case(
    institution: Institution, sign_in: SignIn
) -> None:
    ines = sign_in("ines")

    text = page(ines, "simulation", institution.simulation)

    assert "Winners and losers: everybody" in text
    assert "Cases changed most" not in text
    case = reverse("web:simulation-case", args=[institution.simulation, 1])
    assert ines.get(case).status_code == 403
    with pytest.raises(NotPermitted):
        simulated_cases(
            simulation_id=institution.simulation or uuid4(), access=institution.access("ines")
        )


def test_without_a_purpose_no_case_is_seen(institution: Institution) -> None:
    assert Simulation.objects.count() == 1
    assert not SimulatedCase.objects.exists()


def test_a_change_of_the_draft_leaves_the_simulation_with_what_it_was_about(
    institution: Institution, sign_in: SignIn
) -> None:
    hana, access = sign_in("hana"), institution.access("hana")
    assert institution.draft is not None
    before = drafted_pack(draft_id=institution.draft, access=access).pack
    row = NewRow(value="1500", valid_from="2028-01-01", known_from="2026-11-01", law="Order 8")
    changed = with_parameter_row(before.files, "full_amount", row)
    save_draft(
        draft_id=institution.draft,
        seen=2,
        files=changed,
        act="parameter",
        subject="full_amount",
        access=access,
        at=AT,
    )
    after = drafted_pack(draft_id=institution.draft, access=access).pack

    assert "Nobody has simulated this content." in page(hana, "draft", institution.draft)
    assert "of revision 2" in page(hana, "draft-simulations", institution.draft)
    assert "these figures are of revision 2" in page(hana, "simulation", institution.simulation)
    assert len(simulations_of_content(content_hash=before.hash, access=access)) == 1
    assert simulations_of_content(content_hash=after.hash, access=access) == ()


def test_the_proposal_shows_what_was_simulated_of_it(
    institution: Institution, sign_in: SignIn
) -> None:
    text = page(sign_in("hana"), "draft-propose", institution.draft)

    assert "60 people made up, seed 1" in text


def test_what_the_register_cannot_say_stops_with_the_reason(
    institution: Institution, sign_in: SignIn
) -> None:
    hana = sign_in("hana")

    work_id = found(institution, hana, population="everybody")

    text = page(hana, "simulation-work", work_id)
    assert "Stopped: nothing was kept of it." in text
    assert "other_pension_amount" in text
    assert hana.get(reverse("web:simulation", args=[work_id])).status_code == 404


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"population": "made up", "count": ""}, "Say how many people are to be made up."),
        ({"population": "made up", "count": "100001"}, "less than or equal to 100000"),
        ({"population": "all"}, "all is not one of the available choices"),
        ({"base": "nothing"}, "nothing is not one of the available choices"),
        ({"on": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_what_is_asked_wrongly_is_said_at_its_field(
    institution: Institution, sign_in: SignIn, said: dict[str, object], fault: str
) -> None:
    hana = sign_in("hana")
    address = reverse("web:simulation-new", args=[institution.draft])

    answer = hana.post(address, asked(institution, **said))

    assert fault in text_of(answer)


def test_the_day_offered_is_the_first_on_which_the_whole_draft_holds(
    institution: Institution, sign_in: SignIn
) -> None:
    address = reverse("web:simulation-new", args=[institution.draft])

    form = sign_in("hana").get(address).context["act"].form

    assert form.initial["on"] == date(2027, 1, 1)  # from then on full_amount is another


def test_of_two_who_ask_at_once_both_get_the_same_work(
    institution: Institution, sign_in: SignIn
) -> None:
    hana = sign_in("hana")
    address = reverse("web:simulation-new", args=[institution.draft])

    first = hana.post(address, asked(institution), follow=True)
    second = hana.post(address, asked(institution), follow=True)

    assert first.resolver_match.kwargs == second.resolver_match.kwargs
    assert "under way" in page(hana, "draft-simulations", institution.draft)


def test_awards_taken_on_are_said_to_be_unknown(institution: Institution, sign_in: SignIn) -> None:
    taken_on = _kept_again(institution, population={"kind": "caseload", "taken_on": 3})

    text = page(sign_in("hana"), "simulation", taken_on)

    assert "3 awards were taken on from an older system" in text


def test_a_page_speaks_french(institution: Institution, sign_in: SignIn) -> None:
    hana = sign_in("hana")
    address = reverse("web:simulation", args=[institution.simulation])

    text = text_of(hana.get(address, headers={"Accept-Language": "fr"}))

    assert "Coût mensuel, XTS" in text
    assert "Gagnants et perdants" in text


# --- the book ---------------------------------------------------------------------------------


def _question(institution: Institution, **changed: Any) -> Question:
    assert institution.simulation is not None
    record = simulation(
        simulation_id=institution.simulation, access=institution.access("hana")
    ).listed
    question = Question(
        draft_id=record.draft_id,
        revision=record.revision,
        base_id=record.base_id,
        benefit=record.benefit,
        on=record.on,
        as_new=False,
        population=record.population,
        population_hash=record.population_hash,
    )
    return replace(question, **changed)


def _kept_again(institution: Institution, *, result: Any = None, **changed: Any) -> UUID:
    assert institution.simulation is not None
    access = institution.access("hana")
    kept = simulation(simulation_id=institution.simulation, access=access).result
    simulation_id = uuid4()
    record_simulation(
        simulation_id=simulation_id,
        question=_question(institution, **changed),
        result=result or kept,
        cases=[],
        access=access,
        at=AT,
    )
    return simulation_id


def test_a_simulation_of_other_rules_is_not_kept(institution: Institution) -> None:
    assert institution.simulation is not None
    access = institution.access("hana")
    kept = simulation(simulation_id=institution.simulation, access=access).result
    foreign = {**kept, "after": {**kept["after"], "hash": "0" * 64}}

    with pytest.raises(UnableToSimulate, match="Other rules"):
        _kept_again(institution, result=foreign)
    with pytest.raises(UnableToSimulate, match="no such revision"):
        _kept_again(institution, revision=9)
    with pytest.raises(UnableToSimulate, match="no such revision"):
        _kept_again(institution, base_id=uuid4())


def test_the_database_binds_a_simulation_to_the_content_of_its_revision(
    institution: Institution,
) -> None:
    kept = Simulation.objects.get()
    kept.id, kept.content_hash = uuid4(), "0" * 64

    with (
        pytest.raises(IntegrityError, match="simulated_content_is_the_revisions"),
        transaction.atomic(),
    ):
        kept.save(force_insert=True)


def test_what_was_found_cannot_be_changed(institution: Institution) -> None:
    for change in (
        lambda: Simulation.objects.update(cases=0),
        lambda: Simulation.objects.all().delete(),
    ):
        with pytest.raises(Exception, match=r"permission denied|append-only"), transaction.atomic():
            change()


def test_a_job_done_twice_keeps_one_simulation(institution: Institution) -> None:
    assert institution.simulation is not None
    access = institution.access("hana")
    kept = simulation(simulation_id=institution.simulation, access=access)

    record_simulation(
        simulation_id=institution.simulation,
        question=_question(institution),
        result=kept.result,
        cases=[],
        access=access,
        at=AT,
    )

    assert Simulation.objects.count() == 1
    cases = simulated_cases(simulation_id=institution.simulation, access=access)
    assert len(cases) > 1
    case = simulated_case(simulation_id=institution.simulation, number=1, access=access)
    assert case.before_traces
    assert case.after_traces
    with pytest.raises(NoSuchSimulation):
        simulated_case(simulation_id=institution.simulation, number=99, access=access)


def test_the_same_people_have_the_same_hash(institution: Institution) -> None:
    hana = institution.access("hana")
    again = simulated(institution, kind="made up", count=60, seed=1)
    other = simulated(institution, kind="made up", count=60, seed=2)

    hashes = [
        simulation(simulation_id=one, access=hana).listed.population_hash
        for one in (institution.simulation or uuid4(), again, other)
    ]

    assert hashes[0] == hashes[1] != hashes[2]
    assert _question(institution).on == date(2027, 1, 1)


def test_dario_may_not_simulate(institution: Institution) -> None:
    with pytest.raises(NotPermitted):
        record_simulation(
            simulation_id=uuid4(),
            question=_question(institution),
            result={},
            cases=[],
            access=institution.access("ines"),
            at=AT,
        )
