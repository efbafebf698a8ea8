"""Expressions made at random from the grammar: what nobody thought of writing down."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

DEPTH = 3
ROUND = (
    "decimal",
    "floor",
    "ceiling",
    "round up",
    "round down",
    "round half up",
    "round half down",
)


def numbers(depth: int) -> SearchStrategy[str]:
    leaf = st.sampled_from(
        ["n", "m", "k", "0", "1", "2.5", "-3", "100", "null", "people[1].income"]
    )
    if depth == 0:
        return leaf
    inner, truth, day = numbers(depth - 1), truths(depth - 1), days(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("(if {} then {} else {})".format, truth, inner, inner),
        st.builds(
            "{}({}, {})".format, st.sampled_from(ROUND), inner, st.sampled_from(["0", "1", "2"])
        ),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "sum"]), inner, inner),
        st.builds("-{}".format, inner),
        st.builds("abs({})".format, inner),
        st.builds("modulo({}, {})".format, inner, inner),
        st.builds("({}).{}".format, day, st.sampled_from(["year", "month", "day", "weekday"])),
        st.builds("years and months duration({}, {}).years".format, day, day),
        st.builds("({} - {}).days".format, day, day),
        st.builds("count({})".format, lists(depth - 1)),
        st.builds("{}({})".format, st.sampled_from(["sum", "min", "max"]), lists(depth - 1)),
        st.builds(
            "[{}, {}, n][item > {}][{}]".format, inner, inner, inner, st.sampled_from(["1", "-1"])
        ),
        st.builds("{{a: {}, b: a + {}}}.b".format, inner, inner),
        st.builds("string length({})".format, texts(depth - 1)),
    )


def lists(depth: int) -> SearchStrategy[str]:
    leaf = st.sampled_from(["wages", "people.income", "people[kind = s].income"])
    if depth == 0:
        return leaf
    number, truth = numbers(depth - 1), truths(depth - 1)
    return st.one_of(
        leaf,
        st.builds("wages[item > {}]".format, number),
        st.builds("people[income > {} or {}].income".format, number, truth),
        st.builds("for p in people return p.income + {}".format, number),
        st.builds("people[born < {}].income".format, days(depth - 1)),
    )


def truths(depth: int) -> SearchStrategy[str]:
    leaf = st.sampled_from(
        ["b", "c", "true", "false", "n > m", "n = m", "s = t", "d < e", "k = null"]
    )
    if depth == 0:
        return leaf
    inner, number, day = truths(depth - 1), numbers(depth - 1), days(depth - 1)
    text = texts(depth - 1)
    return st.one_of(
        leaf,
        st.builds(
            "({} {} {})".format, number, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), number
        ),
        st.builds("({} {} {})".format, day, st.sampled_from(["=", "<", ">="]), day),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "="]), inner),
        st.builds("not({})".format, inner),
        st.builds("({} between {} and {})".format, number, number, number),
        st.builds("({} in [{}..{}])".format, number, number, number),
        st.builds("({} in (< {}, {}))".format, number, number, number),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("(some p in people satisfies p.income > {})".format, number),
        st.builds("(every w in wages satisfies w > {})".format, number),
        st.builds("contains({}, {})".format, text, text),
        st.builds("list contains(wages, {})".format, number),
        st.builds("list contains([{}, n, 5], {})".format, number, number),
        st.builds("({} = {})".format, text, text),
        st.builds("({} = null)".format, number),
    )


def days(depth: int) -> SearchStrategy[str]:
    leaf = st.sampled_from(
        ["d", "e", 'date("2024-02-29")', 'date("2023-12-31")', "people[-1].born"]
    )
    if depth == 0:
        return leaf
    inner = days(depth - 1)
    return st.one_of(
        leaf,
        st.builds(
            "({} + duration({}))".format,
            inner,
            st.sampled_from(['"P1M"', '"P1Y"', '"P-1M"', '"P30D"']),
        ),
        st.builds('({} - @"P1M" * k)'.format, inner),
        st.builds("date(({}).year, ({}).month, 1)".format, inner, inner),
        st.builds("(if {} then {} else {})".format, truths(depth - 1), inner, inner),
        st.builds("min({}, {})".format, inner, inner),
        st.builds("max(people.born)".format),
        st.builds("date({})".format, texts(0)),
    )


def texts(depth: int) -> SearchStrategy[str]:
    leaf = st.sampled_from(["s", "t", '"a"', '""', '"2024-02-29"', "null", "people[1].kind"])
    if depth == 0:
        return leaf
    inner = texts(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} + {})".format, inner, inner),
        st.builds(
            "substring({}, {}, {})".format, inner, st.sampled_from("12"), st.sampled_from("13")
        ),
        st.builds("(if {} then {} else {})".format, truths(depth - 1), inner, inner),
    )


def rounded(depth: int) -> SearchStrategy[str]:
    """Numbers as a rule gives them: a quotient is rounded before it is a result."""
    return st.builds("{}({}, 2)".format, st.sampled_from(ROUND), numbers(depth))


def results(depth: int = DEPTH) -> SearchStrategy[str]:
    return st.one_of(rounded(depth), truths(depth), days(depth), texts(depth), numbers(depth))


def cells() -> SearchStrategy[str]:
    """Cells of a table over a number."""
    number = numbers(1)
    return st.one_of(
        st.just("-"),
        st.just("null"),
        st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), number),
        st.builds("[{}..{})".format, number, number),
        st.builds("not({})".format, number),
        st.builds("{}, {}".format, number, number),
        st.builds("? > {} and {}".format, number, truths(1)),
        st.builds("? != null and ? >= {}".format, number),
    )


def truth_cells() -> SearchStrategy[str]:
    return st.one_of(st.sampled_from(["-", "true", "false", "null", "not(true)", "c"]), truths(1))
