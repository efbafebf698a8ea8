"""Whatever stands in a model's file, it is read and decided, or refused."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.rules.dmn.graph import Evaluation, Library
from amparo.rules.dmn.model import InputData
from amparo.rules.dmn.xml import read_model
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.run import Run
from tests.rules.dmn.models import DMN, decision, literal, source, table

WHOLE: Final = source(
    decision(
        "a", table(["x"], ["y", "z"], [(["< 1"], ["1", '"s"']), (["-"], ["x", "null"])]), ["i:x"]
    ),
    decision("b", literal("a.y + twice(x)"), ["i:x", "d:a", "k:k"], kind="t"),
    "<businessKnowledgeModel id='k' name='twice'><variable name='twice'/><encapsulatedLogic>"
    "<formalParameter name='n' typeRef='number'/><literalExpression><text>n * 2</text>"
    "</literalExpression></encapsulatedLogic></businessKnowledgeModel>",
    decision(
        "c",
        f"<context><contextEntry><variable name='e'/>{literal('1')}</contextEntry>"
        f"<contextEntry>{literal('e + 1')}</contextEntry></context>",
    ),
    decision(
        "l",
        f"<for iteratorVariable='i'><in>{literal('[1, 2]')}</in>"
        f"<return>{literal('i * partial[-1]')}</return></for>",
    ),
    "<decisionService id='s' name='s'><variable name='s'/><outputDecision href='#b'/>"
    "<inputData href='#x'/></decisionService>",
    inputs={"x": "number"},
    head="<itemDefinition name='t'><typeRef>number</typeRef><allowedValues><text>&gt; 0</text>"
    "</allowedValues></itemDefinition>",
)
PIECES: Final = (
    *("<", ">", "/>", "</", "'", '"', "&", "&lt;", "&x;", "<!--", "-->", "<![CDATA[", "]]>", "<?"),
    *("decision", "literalExpression", "name", "id", "href", "#a", "#b", "typeRef", "number", "x"),
    *("<decision id='q' name='q'>", "<text>", "</text>", "<text>1</text>", "hitPolicy", "COLLECT"),
    *(DMN, "https://www.omg.org/spec/DMN/20191111/MODEL/", "\x00", "\n", "é", "<a/>", "SUM"),
    *("<for>", "<if>", "<relation>", "<row/>", "<invocation>", "<list/>", "<some>", "<filter>"),
)


def refusal_of(step: Callable[[], object]) -> RuleError | None:
    """Run a step that may only succeed or refuse."""
    try:
        step()
    except RuleError as refused:
        return refused
    return None


def check(text: str | bytes) -> None:
    books: list[Library] = []
    refused = refusal_of(lambda: books.append(Library([read_model(text, where="m.dmn")])))
    if refused is not None:
        assert refused.code
        assert "m.dmn" in str(refused)
        return
    (book,) = books
    given_values = {
        key: Decimal(2)
        for key, compiled in book.elements.items()
        if isinstance(compiled.element, InputData)
    }
    for key, compiled in book.elements.items():
        evaluation = Evaluation(book, Run(tracing=True), given_values)
        ended = refusal_of(lambda key=key, evaluation=evaluation: evaluation.ask(key))  # type: ignore[misc]
        assert ended is None or ended.remedy
        assert compiled.problem is None or "m.dmn" in str(compiled.problem)


def test_the_model_that_is_changed_below_is_whole() -> None:
    book = Library([read_model(WHOLE, where="m.dmn")])

    assert list(book.problems()) == []
    assert Evaluation(book, Run(), {book.key_of("x"): Decimal(2)}).ask(book.key_of("b")) == 6


@settings(max_examples=500, deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 30), st.sampled_from(PIECES)),
        min_size=1,
        max_size=5,
    )
)
def test_a_model_with_a_few_edits_is_decided_or_refused(
    edits: list[tuple[int, int, str]],
) -> None:
    text = WHOLE
    for place, length, piece in edits:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + length :]

    check(text)


WORDS: Final = sorted({word for word in WHOLE.replace("<", " ").replace("=", " ").split() if word})


@settings(max_examples=300, deadline=None)
@given(
    swaps=st.lists(
        st.tuples(st.sampled_from(WORDS), st.sampled_from([*PIECES, *WORDS])),
        min_size=1,
        max_size=3,
    )
)
def test_a_model_with_words_exchanged_is_decided_or_refused(swaps: list[tuple[str, str]]) -> None:
    text = WHOLE
    for old, new in swaps:
        text = text.replace(old, new, 1)

    check(text)


@settings(max_examples=100, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_bytes_and_texts_are_refused(content: bytes | str) -> None:
    check(content)
