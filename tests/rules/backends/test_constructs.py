"""Every construct that compiles gives, on every row, what the interpreter gives."""

import pytest

from tests.rules.backends.small import assert_all_equal, assert_equal, pack_of
from tests.rules.dmn.models import decision, literal, table

SCALARS = [
    "n + m",
    "n - m - k",
    "n * m",
    "-n * 2",
    "n * m + k * 3",
    "abs(n)",
    "n ** 2",
    "n / 100",
    "n / 8 + 1",
    "n > m",
    "n <= 0",
    "n = m",
    "n != m",
    "n = null",
    "null != n",
    "s = t",
    "s < t",
    "b = c",
    "b = true",
    "b and c",
    "b or c",
    "not(b)",
    "b and n > 0",
    "(n > 0 and m > 0) or b",
    "(n = m) or b",
    "(s = t) and (n > 0 or b)",
    "(n = k) and (b = c)",
    "not(n = m)",
    "if b then n else m",
    "if n > 0 then n else if m > 0 then m else 0",
    "if b then n else null",
    "if n = 0 then 1 else 2",
    "if n != null and n > 5 then n else 0",
    "n between m and k",
    "n between 0 and 10 and b",
    "n in [0..10]",
    "n in (0..10]",
    "n in (<5, >10)",
    "n in [m..k]",
    "n in (1, 2, 3)",
    's in ("a", "é")',
    "n in (null, 5)",
    "n in [1, 2, [5..7]][1]",
    "k in (m, 3)",
    'd in [e..date("2024-02-29")]',
    "min(n, m)",
    "max(n, m, k)",
    "min(n, 5)",
    "max(0, n - 100)",
    "sum(n, m, k)",
    "count([n, m])",
    "sum([n, 1])",
    "max([n, m])",
    "min([d, e])",
    "max(s, t)",
    "round half up(mean(n, m), 2)",
    "list contains([n, 1, 2], 1)",
    "list contains([1, 2], n)",
    "all(b, c)",
    "any(b, c)",
    "all([b, true])",
    "modulo(n, m)",
    "modulo(k, 7)",
    "modulo(n, -3)",
    "even(k)",
    "odd(k)",
    "[n, m, k][1]",
    "[n, m, k][-1]",
    "[n, m, k][4]",
    "[n, m][item > 0][1]",
    "count([n, m, 5][item > 0])",
    "sum([n, m, k][item > 2])",
    "max([n, m, 3][item < 2])",
    "sum(for x in [n, m] return x * 2)",
    "sum(for i in 1..5 return n * i)",
    "some x in [n, m, k] satisfies x > 3",
    "every x in [n, m, k] satisfies x > 3",
    "{a: n, b: a + 1}.b",
    "{a: n, b: if a > 0 then a else 0}.b",
]
ROUNDING = [
    f"{function}({value}, {places})"
    for function in (
        "decimal",
        "floor",
        "ceiling",
        "round up",
        "round down",
        "round half up",
        "round half down",
    )
    for value, places in (
        ("n / m", 2),
        ("m", 1),
        ("n * m", 2),
        ("n", 0),
        ("n", -2),
        ("n / 3 + m", 1),
    )
] + [
    "floor(n)",
    "ceiling(m)",
    "floor(n / 7)",
    "n / m > 3",
    "n / k = 2",
    "if n / m < 1 then 1 else 0",
    "floor(min(n / 12, n / k), 1)",
    "round half up(if b then n / 3 else m, 2)",
    "max(floor(n / k, 1), m)",
    "round half up(n / k, 0) * 2",
    "decimal(n / 16, 3)",
    "floor(5 - n / k, 2)",
]
DATES = [
    "d < e",
    "d = e",
    'd + duration("P1M")',
    'd - duration("P13M")',
    'd + @"P1Y" * k',
    'd + duration("P30D")',
    'd - duration("P1D")',
    "(d - e).days",
    'd - e > duration("P30D")',
    "d.year",
    "d.month",
    "d.day",
    "d.weekday",
    "years and months duration(d, e).years",
    "years and months duration(d, e).months",
    'years and months duration(d, e) >= duration("P18Y")',
    "date(d.year, d.month, 1)",
    "date(k, 2, 29)",
    "date(2024, k, 31)",
    "date(2000 + k, k, k)",
    "date(n, 1, 1)",
    "date(s)",
    'date(s + "-01")',
    'date("2024-02-30")',
    'if d + duration("P1Y") <= e then 1 else 0',
    "min(d, e)",
    "date(d.year + 18, d.month, d.day)",
    'd + duration("P1M") * 12',
    'date("9999-12-01") + @"P1M" * k',
    'date("0001-02-01") + @"P1D" * k',
]
TEXTS = [
    "s + t",
    "string length(s)",
    "substring(s, 1, 2)",
    "substring(s, 2)",
    "substring(s, -2, 1)",
    'contains(s, "a")',
    "starts with(s, t)",
    'ends with(s, "é")',
    'matches(s, "^[0-9]{4}-(0[1-9]|1[0-2])$")',
    'matches(s, "a|b")',
    "number(s)",
    "number(substring(s, 1, 4))",
    'if s = "" then 1 else 2',
    'contains(s + t, "-")',
]
LISTS = [
    "(for i in 1..6 return floor((if count(partial) = 0 then n else partial[-1]) * 1.03, 2))[-1]",
    "sum(for i in [m, k, 2] return floor((if count(partial) = 0 then 1 else partial[-1]) + i, 1))",
    "if k >= 3 and k <= 40 then sum(for i in 3..k return i) else null",
    "if k >= 3 then (if k < 9 then (for i in 3..k return i * n)[-1] else 0) else -1",
    "if not(k > 20) and k >= -5 then count(for i in -5..k return i) else 0",
    "if k > 5 then [n, m] else if k > 0 then [] else null",
    "count(if k > 5 then [n, m] else if k > 0 then [] else null) = 0",
    "max([3, 9, 5][item < k])",
    "min((if n > m then [n, 4] else [])[item > 2])",
    "(for i in [n, m, k][item > 0] return (if count(partial) = 0 then i else partial[-1] + i))[-1]",
    "sum(append(wages, 0))",
    "sum(concatenate(wages[item > 0], [n, m]))",
    "sum(for i in 1..k return i)",
    "sum(if b then wages else sublist(sort(wages[item != null], function(a, b) a > b), 1, 2))",
    "count(people)",
    "sum(people.income)",
    "min(people.income)",
    "max(people.born)",
    "count(people[income > 100])",
    'sum(people[kind = "a"].income)',
    "count(people[lives here])",
    "some p in people satisfies p.income > 100",
    "every p in people satisfies p.born < d",
    "sum(for p in people return p.income * m)",
    "count(wages)",
    "sum(wages)",
    "max(wages)",
    "wages[1]",
    "wages[-1]",
    "wages[2]",
    "people[1].income",
    "people[income > 10][1].income",
    "count(people[income > m])",
    "sum(people[income != null].income)",
    "sum(wages[item > 0])",
    "list contains(wages, n)",
    'count(people[born > d and kind = "a"])',
    "round half up(mean(wages), 2)",
    "sum(sublist(wages, 1, 2))",
    "sum(sublist(sort(wages[item != null], function(a, b) a > b), 1, 3))",
    "sort(people[income != null], function(a, b) a.income > b.income)[1].income",
    "count(for p in people return p.income)",
    "if count(people) = 0 then 0 else sum(people.income)",
    "count(people[income > count(people)])",
    "max(0, sum(people[lives here].income)) + n",
    "wages[k]",
    "people[k].income",
    "[n, m, 7][k]",
    "count(distinct values(wages))",
    "count(distinct values(people.kind))",
    "day of week(d)",
]


GROUPS = {
    "scalars": SCALARS,
    "texts": TEXTS,
    "rounding": ROUNDING,
    "dates": DATES,
    "lists": LISTS,
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_construct_gives_in_columns_what_the_interpreter_gives(group: str) -> None:
    assert_all_equal(GROUPS[group])


@pytest.mark.proof
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_every_construct_on_many_rows(group: str, seed: int) -> None:
    assert_all_equal(GROUPS[group], rows=3_000, seed=seed)


TABLE_ROWS = [
    (["< 0", "-"], ["1"]),
    (["[0..10]", "true"], ["2"]),
    (["> 5", "false"], ["3"]),
    (["null", "-"], ["4"]),
    (["not(1, 2)", "b"], ["n"]),
]


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY"])
@pytest.mark.parametrize("default", ["", "m"])
def test_tables_of_one_result(policy: str, default: str) -> None:
    logic = table(["n", "b"], ["x"], TABLE_ROWS, policy=policy, default=default)

    assert_equal(pack_of(logic))


@pytest.mark.parametrize("asked", ["b", "n"])
def test_cells_of_truth_ask_the_same_in_columns(asked: str) -> None:
    rows = [(["c", "> 0"], ["1"]), (["n > 1", "-"], ["2"]), (["b", "-"], ["3"])]
    fixed = [(["true", "-"], ["4"]), (["false", "-"], ["5"]), (["null", "-"], ["6"])]

    assert_equal(pack_of(table([asked, "m"], ["x"], rows, policy="FIRST")))
    assert_equal(pack_of(table(["b", "m"], ["x"], fixed, policy="FIRST", default="7")))


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX", "COUNT"])
def test_tables_that_collect(aggregation: str) -> None:
    logic = table(["n", "b"], ["x"], TABLE_ROWS, policy="COLLECT", aggregation=aggregation)

    assert_equal(pack_of(logic))


def test_a_table_by_priority() -> None:
    rows = [(["< 5", "-"], ['"low"']), (["> 0", "true"], ['"high"']), (["-", "c"], ['"middle"'])]
    logic = table(["n", "b"], ["x"], rows, policy="PRIORITY", values='"high", "middle", "low"')

    assert_equal(pack_of(logic))


def test_a_table_of_several_outputs_decides_a_right() -> None:
    rows = [
        (["< 18", "-", "-"], ["false", '"NO"']),
        ([">= 18", "true", "-"], ["true", '"YES"']),
        ([">= 18", "false", '"a"'], ["true", '"YES"']),
        ([">= 18", "false", 'not("a")'], ["false", '"NO"']),
    ]
    logic = table(["k", "b", "s"], ["eligible", "reason"], rows, policy="FIRST")

    plan = assert_equal(pack_of(logic, kind="eligibility"), rows=1_500)

    assert "result.eligible" in plan.program.compiled["result"].values


def test_decisions_bring_their_doubts_along() -> None:
    pack = pack_of(
        'if first > 0 and b then first else if s = "a" then 1 else 0',
        extra=[decision("first", literal("if n > m then n else 0"), ["i:n", "i:m"])],
        requires=["d:first"],
    )

    assert_equal(pack, rows=1_500)


def test_knowledge_models_are_written_out() -> None:
    model = (
        '<businessKnowledgeModel id="grow" name="grow"><variable name="grow"/>'
        '<encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
        '<formalParameter name="by" typeRef="number"/>'
        f"{literal('if n > 0 then n + by else by')}</encapsulatedLogic></businessKnowledgeModel>"
    )

    assert_equal(pack_of("grow(m, n) + grow(n: 1, by: k)", extra=[model], requires=["k:grow"]))
