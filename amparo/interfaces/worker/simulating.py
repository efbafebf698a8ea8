"""The job that simulates: a revision of a draft against a version, over the people asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils.timezone import now

from amparo.delivery.claims import populations
from amparo.interfaces.worker.working import access_of_asker
from amparo.office.operations import WorkToDo, report_work
from amparo.rules.book.operations import (
    CaseFound,
    Question,
    UnableToSimulate,
    record_simulation,
)
from amparo.rules.book.queries import NoSuchDraft, NoSuchVersion, drafted_pack, version
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import Pack
from amparo.rules.simulation.compare import STEPS, simulate
from amparo.rules.simulation.disclosure import pseudonymous
from amparo.rules.simulation.invented import made_up
from amparo.rules.simulation.population import Population
from amparo.rules.simulation.report import as_data
from amparo.rules.simulation.results import Affected
from amparo.values import Access, Right

SIMULATION: Final = "rules.simulate"
SIMULATION_REFUSALS: Final = (RuleError, UnableToSimulate, NoSuchDraft, NoSuchVersion)
# Finding the people is a step, too.
_STEPS: Final = STEPS + 1


def simulate_rules(work: WorkToDo) -> Mapping[str, Any]:
    """Find the people, ask both packs, keep what came of it. Told again, it does it again."""
    asked, access = work.details, access_of_asker(work=work)
    access.require(Right.PACK_SIMULATE)
    drafted = drafted_pack(draft_id=work.subject_id, access=access, number=asked["revision"])
    base = version(version_id=UUID(asked["base"]))
    on = date.fromisoformat(asked["on"])
    report_work(work_id=work.work_id, done=0, total=_STEPS)
    people = _people(asked, (base.pack, drafted.pack), on, access)
    report_work(work_id=work.work_id, done=1, total=_STEPS)
    found = simulate(
        before=base.pack,
        after=drafted.pack,
        benefit=asked["benefit"],
        population=people,
        on=on,
        as_new=asked["as_new"] or asked["population"]["kind"] == "everybody",
        report=lambda done: report_work(work_id=work.work_id, done=done + 1, total=_STEPS),
    )
    if asked["population"]["kind"] != "made up":
        found = pseudonymous(found)
    record_simulation(
        simulation_id=work.work_id,
        question=Question(
            draft_id=work.subject_id,
            revision=drafted.number,
            base_id=base.version_id,
            benefit=found.benefit,
            on=on,
            as_new=found.as_new,
            population={**asked["population"], "taken_on": people.taken_on},
            population_hash=people.hash,
        ),
        result=as_data(replace(found, affected=())),
        cases=[_case(one) for one in found.affected],
        access=access_of_asker(work=work),
        at=now(),
    )
    report_work(work_id=work.work_id, done=_STEPS, total=_STEPS)
    return {"simulation": str(work.work_id)}


def _people(
    asked: Mapping[str, Any], packs: Sequence[Pack], on: date, access: Access
) -> Population:
    benefit, chosen = asked["benefit"], asked["population"]
    if chosen["kind"] == "made up":
        return made_up(
            packs=packs, benefit=benefit, count=chosen["count"], seed=chosen["seed"], on=on
        )
    take = (
        populations.of_everybody if chosen["kind"] == "everybody" else populations.of_the_caseload
    )
    return take(packs=packs, benefit=benefit, on=on, access=access)


def _case(one: Affected) -> CaseFound:
    return CaseFound(
        sex=one.sex,
        age_band=one.age_band,
        region=one.region,
        before_state=one.before_state,
        after_state=one.after_state,
        before=one.before,
        after=one.after,
        change=one.change,
        traces={"before": list(one.before_traces), "after": list(one.after_traces)},
    )
