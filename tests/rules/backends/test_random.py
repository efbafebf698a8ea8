"""Random rules: whatever compiles is equal; whatever is refused says so."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import Pack
from tests.rules.backends.expressions import cells, numbers, results, truth_cells
from tests.rules.backends.small import pack_of, plan_of
from tests.rules.dmn.models import table

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
ROWS = st.lists(st.tuples(cells(), truth_cells(), numbers(1)), min_size=1, max_size=4)
POLICIES = st.sampled_from(["UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT"])
AGGREGATIONS = st.sampled_from(["SUM", "MIN", "MAX", "COUNT"])


def table_of(policy: str, rows: list[tuple[str, str, str]], default: str, aggregation: str) -> str:
    if policy == "PRIORITY":
        ordered = [([a, b], [str(place % 3)]) for place, (a, b, _) in enumerate(rows)]
        return table(["n", "b"], ["x"], ordered, policy=policy, values="2, 0, 1", default=default)
    plain = [([a, b], [c]) for a, b, c in rows]
    collected = aggregation if policy == "COLLECT" else ""
    return table(["n", "b"], ["x"], plain, policy=policy, default=default, aggregation=collected)


def hold(logic: str, seed: int) -> None:
    pack = _readable(logic)
    if pack is None:
        return
    plan = plan_of(pack)
    if plan.refusals:
        assert all(refusal.reason and refusal.remedy for refusal in plan.refusals)
        return
    assert plan.verify(sample=40, seed=seed).differences == ()


def _readable(logic: str) -> Pack | None:
    """Give the pack, unless its very text is refused: that is not the compiler's matter."""
    try:
        return pack_of(logic)
    except RuleError:
        return None


@QUICK
@given(results(), st.integers(1, 1_000))
def test_random_expressions(expression: str, seed: int) -> None:
    hold(expression, seed)


@QUICK
@given(POLICIES, ROWS, st.sampled_from(["", "m", "0"]), AGGREGATIONS, st.integers(1, 1_000))
def test_random_tables(
    policy: str, rows: list[tuple[str, str, str]], default: str, aggregation: str, seed: int
) -> None:
    hold(table_of(policy, rows, default, aggregation), seed)


@pytest.mark.proof
@LONG
@given(results(), st.integers(1, 1_000))
def test_many_random_expressions(expression: str, seed: int) -> None:
    hold(expression, seed)


@pytest.mark.proof
@LONG
@given(POLICIES, ROWS, st.sampled_from(["", "m", "0"]), AGGREGATIONS, st.integers(1, 1_000))
def test_many_random_tables(
    policy: str, rows: list[tuple[str, str, str]], default: str, aggregation: str, seed: int
) -> None:
    hold(table_of(policy, rows, default, aggregation), seed)
