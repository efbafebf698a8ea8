"""Whatever is typed, the reader says yes or refuses; whatever it reads, evaluation ends."""

import string
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel.builtins import BUILTINS
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.evaluate import Expression
from amparo.rules.feel.parser import KEYWORDS, Parsed, parse_expression, parse_unary_tests
from amparo.rules.feel.run import Frame, Run
from amparo.rules.feel.scanner import scan
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.feel.values import Value, text_of

NAMES: Final[dict[str, Value]] = {
    "x": Decimal("1.5"),
    "size of household": Decimal(4),
    "text": "abc",
    "items": [Decimal(1), None, "a", {"a": Decimal(2)}],
    "person": {"age": Decimal(30), "children": [{"age": Decimal(3)}]},
    "nothing": None,
    "f": None,
}
SIGNS: Final = "+ - * / ** = != < <= > >= ( ) [ ] { } , : . .. // /* */ -> @ \" \\ ' ;"
WORDS: Final = (
    *NAMES,
    *BUILTINS,
    *KEYWORDS,
    *SIGNS.split(),
    *("instance of", "number", "list<number>", "string", "partial", "item", "?", "age"),
    *("1", "0", "-1", "1.5", "1E6000", "1E-6000", '"a"', '"\\d+"', '@"2024-02-29"', '@"P1M"'),
    *('@"P1D"', '@"10:00:00Z"', '@"2024-02-29T10:00:00@Europe/Paris"', "[1..3]", "(< 5)", "{a: 1}"),
)
VALID: Final = (
    "if x > 1 then person.age else sum(items)",
    "for i in 1..3 return i * partial[-1]",
    "some c in person.children satisfies c.age < 5",
    'replace(text, "(a|b)+", "[$1]")',
    "sort(items, function(a, b) a < b)[1]",
    "{a: 1, b: a + 1, f: function(n: number) n * b}.f(size of household)",
    'date("2024-01-31") + duration("P1M") in [@"2024-02-01"..@"2024-03-01"]',
    "x in (1, [2..3], > 4) and not(text = null) or person instance of context<age: number>",
    "decimal(x / 3, 2) ** 2 - -1 between 0 and 10",
    'context put(person, ["a", "b"], items[item > 1])',
)


def refusal_of(text: str, parse: Callable[..., Parsed]) -> RuleError | None:
    """Read a text, and evaluate and show what can be read: it may only succeed or refuse."""
    scope = Scope(NameTable(NAMES), NameTable(["age", "children", "a"]))
    try:
        parsed = parse(text, scope, builtins=BUILTIN_NAMES)
        text_of(Expression(parsed)(Frame(Run(tracing=True), {**NAMES, "?": Decimal(1)})))
    except RuleError as refused:
        return refused
    return None


def check(text: str) -> None:
    for parse in (parse_expression, parse_unary_tests):
        refused = refusal_of(text, parse)
        assert refused is None or (refused.code and refused.remedy and str(refused))


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    check(text)


@settings(max_examples=300, deadline=None)
@given(text=st.text(string.printable, max_size=60))
def test_any_typed_text_is_read_or_refused(text: str) -> None:
    check(text)


@settings(max_examples=600, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=16), joint=st.sampled_from(["", " "]))
def test_any_words_of_the_language_are_read_or_refused(words: list[str], joint: str) -> None:
    check(joint.join(words))


@settings(max_examples=600, deadline=None)
@given(
    source=st.sampled_from(VALID),
    edits=st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 3), st.sampled_from(WORDS)), max_size=4
    ),
)
def test_a_valid_text_with_a_few_edits_is_read_or_refused(
    source: str, edits: list[tuple[int, int, str]]
) -> None:
    for place, length, word in edits:
        at = place % (len(source) + 1)
        source = source[:at] + word + source[at + length :]

    check(source)


class Spelt:
    """An argument written as a literal."""

    def __init__(self, text: str) -> None:
        self.text = text


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(BUILTINS)),
    arguments=st.lists(
        st.one_of(
            st.sampled_from([None, True, "", "a", "1", [], {}, *NAMES.values()]),
            st.decimals(allow_nan=False, allow_infinity=False, places=2),
            st.lists(st.sampled_from([None, "a", Decimal(1), [Decimal(2)]]), max_size=4),
            st.sampled_from(["[1..2]", '@"P1M"', '@"2024-02-29"']).map(Spelt),
        ),
        max_size=4,
    ),
)
def test_any_function_takes_any_values(name: str, arguments: list[Value]) -> None:
    given_names = {f"a{n}": value for n, value in enumerate(arguments)}
    spelt = [
        value.text if isinstance(value, Spelt) else f"a{n}" for n, value in enumerate(arguments)
    ]
    text = f"{name}({', '.join(spelt)})"
    parsed = parse_expression(text, Scope(NameTable(given_names)), builtins=BUILTIN_NAMES)
    run = Run()

    value = Expression(parsed)(Frame(run, given_names))

    assert value is not None or run.diagnostics or name in NULL_BY_RIGHT


# Null is the proper answer of these to some values, and no error.
NULL_BY_RIGHT: Final = frozenset({"string", "get value", "all", "any", "min", "max", "sublist"})


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=40))
def test_tokens_cover_the_text_in_order(text: str) -> None:
    try:
        tokens = scan(text)
    except RuleError:
        return

    places = [(token.span.start, token.span.end) for token in tokens]
    assert places == sorted(places)
    assert all(start < end for start, end in places[:-1])
    assert places[-1] == (len(text), len(text))
