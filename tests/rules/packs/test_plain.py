"""The quick way in: it takes what the careful way takes, to the same value, or leaves it alone."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.rules.feel.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    AllowedType,
    ContextType,
    FeelType,
    ListType,
)
from amparo.rules.packs import Pack, load_pack
from amparo.rules.packs.boundary import check_type, complete, to_feel
from amparo.rules.packs.errors import WrongInput
from amparo.rules.packs.plain import NotPlain, plain_reader

MEMBER = ContextType("tMember", (("age", NUMBER), ("name", STRING)))
POSITIVE = AllowedType("tPositive", NUMBER, lambda value: isinstance(value, Decimal) and value > 0)
KINDS = (NUMBER, STRING, BOOLEAN, POSITIVE, MEMBER, ListType("tMembers", MEMBER), ANY)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.floats(),
    st.text(max_size=3),
    st.dates(),
)
MEMBERS = st.dictionaries(st.sampled_from(["age", "name", "more"]), SCALARS, max_size=3)
HOUSEHOLD = Path(__file__).parents[3] / "benches" / "household-benefit" / "1"


@settings(max_examples=500, deadline=None)
@given(
    kind=st.sampled_from(KINDS), value=st.one_of(SCALARS, MEMBERS, st.lists(MEMBERS, max_size=3))
)
def test_the_quick_way_and_the_careful_way_agree(kind: FeelType, value: Any) -> None:
    reader = plain_reader(kind)
    if reader is None:
        return
    try:
        quick = reader(value)
    except NotPlain:
        return

    careful = check_type(
        complete(to_feel(value, name="x"), kind, name="x", left_out={}), kind, name="x"
    )

    assert quick == careful
    assert str(quick) == str(careful)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(HOUSEHOLD)


def case(**changes: Any) -> dict[str, Any]:
    first = (HOUSEHOLD / "cases" / "own.jsonl").read_text("utf-8").splitlines()[0]
    return {**json.loads(first, parse_float=Decimal)["inputs"], **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rent": None},
        {"resident": None},
        {"members": []},
        {"members": None},
        {"members": [{"age": 30, "income": None, "disabled": False}]},
        {"members": [{"age": 30, "income": 10}]},
        {"region": None},
        {"days_in_month": 0},
        {"savings": Decimal("1E+6000")},
        {"consented": None, "savings": 6000},
    ],
)
def test_with_and_without_a_trace_the_answer_is_the_same(
    pack: Pack, changes: dict[str, Any]
) -> None:
    inputs = case(**changes)

    traced = pack.evaluate("benefit", inputs, on=date(2026, 2, 1))
    plain = pack.evaluate("benefit", inputs, on=date(2026, 2, 1), trace=False)

    assert plain.trace is None
    assert (plain.outcome, plain.value) == (traced.outcome, traced.value)
    assert (plain.reasons, plain.missing) == (traced.reasons, traced.missing)


def test_each_day_has_its_own_parameters(pack: Pack) -> None:
    inputs = case()
    days = [date(2024, 6, 30), date(2024, 7, 1), date(2026, 1, 1), date(2024, 6, 30)]

    amounts = [pack.evaluate("benefit", inputs, on=day, trace=False).value for day in days]

    # 2024: disregard 50 then 60, taper 65 %, rent ceiling 95; 2026: 60, 60 %, 110.
    assert amounts == [Decimal("376.00"), Decimal("402.00"), Decimal("425.00"), Decimal("376.00")]


def test_a_wrong_input_is_refused_on_the_quick_way_too(pack: Pack) -> None:
    with pytest.raises(WrongInput, match="rent must be a number"):
        pack.evaluate("benefit", case(rent="much"), on=date(2026, 2, 1), trace=False)
    with pytest.raises(WrongInput, match="no input colour"):
        pack.evaluate("benefit", case(colour="red"), on=date(2026, 2, 1), trace=False)
