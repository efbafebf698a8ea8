"""No fact left out may yield a figure that knowing it could change."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from amparo.rules.packs import Pack, Result, load_pack
from amparo.rules.packs.cases import WorkedCase, read_cases
from tests.schemes.asking import SCHEMES
from tests.schemes.test_given_cases import GIVEN

# Asked without the number of the visit, the tariff of one visit is the answer: see its law.md.
SPARED = {("kh/ctpw", "event_payment", "visit_number")}


def worked(pack: Pack) -> list[WorkedCase]:
    return list(read_cases(pack.files["cases/worked.jsonl"], where=pack.scheme))


def values_seen(pack: Pack) -> dict[str, list[Any]]:
    """Give, by name, the values the worked cases give a fact, and one less than each number."""
    seen: dict[str, list[Any]] = {}
    for case in worked(pack):
        for name, value in pack.read_json_inputs(case.decision, case.inputs).items():
            near = [value - 1] if isinstance(value, Decimal) and value > 1 else []
            seen.setdefault(name, []).extend([value, *near])
    return seen


def ask(pack: Pack, case: WorkedCase, **changed: object) -> Result:
    facts = pack.read_json_inputs(case.decision, case.inputs)
    return pack.evaluate(case.decision, {**facts, **changed}, on=case.effective, trace=False)


def facts_left_out(pack: Pack) -> Iterator[tuple[WorkedCase, str, Result]]:
    for case in worked(pack):
        decision = pack.manifest.decision(case.decision)
        assert decision is not None
        for item in decision.inputs:
            if not item.is_result and (pack.scheme, case.decision, item.name) not in SPARED:
                yield case, item.name, ask(pack, case, **{item.name: None})


@pytest.mark.parametrize("scheme", GIVEN)
def test_a_fact_left_out_is_named_or_changes_nothing(scheme: str) -> None:
    pack = load_pack(SCHEMES / scheme / "1")
    seen = values_seen(pack)

    for case, name, without in facts_left_out(pack):
        if without.outcome == "undetermined":
            assert without.missing, (case.id, name)
            continue
        for value in seen.get(name, []):
            known = ask(pack, case, **{name: value})
            assert known.outcome in (without.outcome, "undetermined"), (case.id, name, value)
            if known.outcome != "undetermined":
                assert known.value == without.value, (case.id, name, value)
