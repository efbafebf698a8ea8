"""Requirement graphs: what a decision may see, and what is refused."""

from decimal import Decimal

import pytest

from amparo.rules.dmn.graph import Evaluation, Library, NoSuchDecision
from amparo.rules.dmn.types import UnknownType
from amparo.rules.dmn.xml import UnreadableModel, read_model
from amparo.rules.feel.diagnostics import LimitExceeded, RuleError
from amparo.rules.feel.run import Run
from amparo.rules.feel.values import Value, text_of
from tests.rules.dmn.models import DMN, ask, decision, library, literal, source, table

KNOWLEDGE = (
    '<businessKnowledgeModel id="double" name="double"><variable name="double"/>'
    '<encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    "<literalExpression><text>n * 2</text></literalExpression></encapsulatedLogic>"
    "</businessKnowledgeModel>"
)


def value_of(logic: str, *others: str, requires: tuple[str, ...] = (), **given: Value) -> str:
    inputs = dict.fromkeys(given, "Any")
    book = library(decision("d", logic, requires), *others, inputs=inputs)
    assert list(book.problems()) == []
    return text_of(ask(book, "d", given))


def test_a_decision_sees_only_what_it_requires() -> None:
    book = library(
        decision("a", literal("x + 1"), ["i:x"]),
        decision("b", literal("a + 1"), ["d:a"]),
        decision("c", literal("x")),
        inputs={"x": "number"},
    )

    assert text_of(ask(book, "b", {"x": Decimal(1)})) == "3"
    run = Run()
    assert ask(book, "c", {"x": Decimal(1)}, run) is None
    assert run.diagnostics[0].code == "name.unknown"
    assert book.elements["urn:m", "c"].unknown_names == ("x",)


def test_each_box_of_dmn() -> None:
    boxes = {
        "<context><contextEntry><variable name='a b'/>"
        + literal("1")
        + "</contextEntry><contextEntry>"
        + literal("a b + 1")
        + "</contextEntry></context>": "2",
        "<context><contextEntry><variable name='a'/>"
        + literal("1")
        + "</contextEntry></context>": "{a: 1}",
        "<list>" + literal("1") + literal("2") + "</list>": "[1, 2]",
        "<relation><column name='a'/><column name='b'/><row>"
        + literal("1")
        + literal("2")
        + "</row></relation>": "[{a: 1, b: 2}]",
        "<conditional><if>"
        + literal("true")
        + "</if><then>"
        + literal("1")
        + "</then><else>"
        + literal("2")
        + "</else></conditional>": "1",
        "<conditional><if>"
        + literal('"x"')
        + "</if><then>"
        + literal("1")
        + "</then><else>"
        + literal("2")
        + "</else></conditional>": "null",
        "<for iteratorVariable='i'><in>"
        + literal("[1, 2]")
        + "</in><return>"
        + literal("i * count(partial)")
        + "</return></for>": "[0, 2]",
        "<some iteratorVariable='i'><in>"
        + literal("[1, 2]")
        + "</in><satisfies>"
        + literal("i > 1")
        + "</satisfies></some>": "true",
        "<every iteratorVariable='i'><in>"
        + literal("[1, 2]")
        + "</in><satisfies>"
        + literal("i > 1")
        + "</satisfies></every>": "false",
        "<filter><in>"
        + literal("[1, 2]")
        + "</in><match>"
        + literal("item > 1")
        + "</match></filter>": "[2]",
        "<context><contextEntry><variable name='f'/><functionDefinition>"
        "<formalParameter name='n' typeRef='number'/>"
        + literal("if n = 0 then 1 else n * f(n - 1)")
        + "</functionDefinition></contextEntry><contextEntry>"
        + literal("f(5)")
        + "</contextEntry></context>": "120",
        literal(""): "null",
    }
    for logic, expected in boxes.items():
        assert value_of(logic) == expected, logic


def test_knowledge_is_called_by_text_and_by_box() -> None:
    box = (
        "<invocation>"
        + literal("double")
        + "<binding><parameter name='n'/>"
        + literal("4")
        + "</binding></invocation>"
    )

    assert value_of(literal("double(3)"), KNOWLEDGE, requires=("k:double",)) == "6"
    assert value_of(box, KNOWLEDGE, requires=("k:double",)) == "8"


def test_an_invocation_without_a_binding_passes_null() -> None:
    box = "<invocation>" + literal("double") + "</invocation>"

    assert value_of(box, KNOWLEDGE, requires=("k:double",)) == "null"


def test_invoking_what_is_no_function_is_null() -> None:
    box = "<invocation>" + literal("1") + "</invocation>"

    assert value_of(box) == "null"


def test_a_decision_service_is_a_function_and_can_be_asked() -> None:
    service = (
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#inner"/>'
        '<inputData href="#x"/></decisionService>'
    )
    book = library(
        decision("inner", literal("x + 1"), ["i:x"]),
        service,
        decision("d", literal("s(41)"), ["k:s"]),
        inputs={"x": "number"},
    )

    assert text_of(ask(book, "d", {"x": Decimal(0)})) == "42"
    assert text_of(ask(book, "s", {"x": Decimal(1)})) == "2"


def test_a_service_of_several_decisions_gives_a_context() -> None:
    service = (
        '<decisionService id="s" name="s"><outputDecision href="#a"/>'
        '<outputDecision href="#b"/><inputDecision href="#a0"/></decisionService>'
    )
    book = library(
        decision("a0", literal("1")),
        decision("a", literal("a0"), ["d:a0"]),
        decision("b", literal("2")),
        service,
        decision("d", literal("s(7)"), ["k:s"]),
    )

    assert text_of(ask(book, "d", {})) == "{a: 7, b: 2}"


@pytest.mark.parametrize(
    ("kind", "expected"), [("tF", "x!"), ("string", "x!"), ("number", "null"), ("function", "x!")]
)
def test_a_service_gives_what_its_type_says(kind: str, expected: str) -> None:
    service = (
        f'<decisionService id="s" name="s"><variable name="s" typeRef="{kind}"/>'
        '<outputDecision href="#inner"/><inputData href="#x"/></decisionService>'
    )
    book = library(
        decision("inner", literal('x + "!"'), ["i:x"]),
        service,
        decision("d", literal('s("x")'), ["k:s"]),
        inputs={"x": "string"},
        head=TEXT_TO_TEXT,
    )

    assert text_of(ask(book, "d", {})) == expected
    assert text_of(ask(book, "s", {"x": "x"})) == expected


def test_imported_elements_are_reached_through_the_import() -> None:
    imported = source(
        KNOWLEDGE.replace('name="double"', 'name="make double"'),
        head='<itemDefinition name="tN"><typeRef>number</typeRef></itemDefinition>',
    ).replace("urn:m", "urn:other")
    main = source(
        decision("d", literal("other.make double(x)"), ["i:x"]).replace(
            "<literal",
            '<knowledgeRequirement><requiredKnowledge href="urn:other#double"/>'
            "</knowledgeRequirement><literal",
        ),
        inputs={"x": "other.tN"},
        head=f'<import name="other" namespace="urn:other" importType="{DMN}"/>',
    )
    models = [read_model(main, where="m.dmn"), read_model(imported, where="other.dmn")]

    assert text_of(ask(Library(models), "d", {"x": Decimal(2)})) == "4"
    with pytest.raises(UnreadableModel, match="is not here"):
        Library(models[:1])


def test_results_are_fitted_into_the_declared_type() -> None:
    book = library(
        decision("one", literal("[1]"), kind="number"),
        decision("list", literal("1"), kind="tList"),
        decision("time", literal('date("2024-02-29")'), kind="date and time"),
        decision("wrong", literal('"a"'), kind="number"),
        decision("colour", literal('"red"'), kind="tColour"),
        decision("no colour", literal('"mauve"'), kind="tColour"),
        decision("many", literal('["red", "mauve"]'), kind="tColours"),
        decision("person", literal('{name: "Amina"}'), kind="tPerson"),
        decision("call", literal("function(n: number) n"), kind="tFunction"),
        decision("few", literal("[1, 2, 3]"), kind="tFew"),
        head="<itemDefinition name='tList' isCollection='true'><typeRef>number</typeRef>"
        "</itemDefinition><itemDefinition name='tColour'><typeRef>string</typeRef>"
        '<allowedValues><text>"red", "blue"</text></allowedValues></itemDefinition>'
        "<itemDefinition name='tColours' isCollection='true'><typeRef>tColour</typeRef>"
        "</itemDefinition><itemDefinition name='tPerson'><itemComponent name='name'>"
        "<typeRef>string</typeRef></itemComponent></itemDefinition>"
        "<itemDefinition name='tFunction'><functionItem outputTypeRef='number'>"
        "<parameters name='n' typeRef='number'/></functionItem></itemDefinition>"
        "<itemDefinition name='tFew' isCollection='true'><typeRef>number</typeRef>"
        "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>",
    )
    expected = {
        "one": "1",
        "list": "[1]",
        "time": "2024-02-29T00:00:00Z",
        "wrong": "null",
        "colour": "red",
        "no colour": "null",
        "many": "null",
        "person": '{name: "Amina"}',
        "call": "function(n)",
        "few": "null",
    }

    assert list(book.problems()) == []
    for name, value in expected.items():
        assert text_of(ask(book, name, {})) == value, name


def test_priorities_may_come_from_the_type() -> None:
    logic = table(["1"], ["out"], [(["-"], ['"blue"']), (["-"], ['"red"'])], policy="PRIORITY")
    book = library(
        decision("d", logic.replace("<output name", "<output typeRef='tColour' name")),
        head="<itemDefinition name='tColour'><typeRef>string</typeRef>"
        '<allowedValues><text>"red", "blue"</text></allowedValues></itemDefinition>',
    )

    assert text_of(ask(book, "d", {})) == "red"


def test_a_decision_that_cannot_be_read_is_null_and_the_others_run() -> None:
    book = library(decision("bad", literal("1 +")), decision("good", literal("1")))
    run = Run()

    assert text_of(ask(book, "good", {})) == "1"
    assert ask(book, "bad", {}, run) is None
    assert run.diagnostics[0].code == "syntax.empty"
    assert "m.dmn, decision bad" in next(book.problems()).where


def test_a_decision_without_logic_is_null() -> None:
    assert value_of("") == "null"


def test_knowledge_without_logic_is_null_with_its_cause() -> None:
    empty = '<businessKnowledgeModel id="k" name="k"/>'

    assert value_of(literal("k(1)"), empty, requires=("k:k",)) == "null"


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ([decision("a", literal("b"), ["d:b"]), decision("b", literal("a"), ["d:a"])], "dmn.cycle"),
    ],
)
def test_decisions_in_a_circle_are_refused(elements: list[str], code: str) -> None:
    with pytest.raises(UnreadableModel) as refused:
        library(*elements)

    assert refused.value.code == code


def test_problems_of_elements_are_found_before_anything_runs() -> None:
    cases: dict[str, type[RuleError]] = {
        decision("d", literal("1"), ["d:nowhere"]): UnreadableModel,
        decision("d", literal("1"), kind="tNowhere"): UnknownType,
        decision("d", literal("1", typeRef="tNowhere")): UnknownType,
    }
    for element, kind in cases.items():
        assert isinstance(next(library(element).problems()), kind), element


# A household tree: each person has a name and, in turn, children.
FAMILY = (
    "<itemDefinition name='tPerson'>"
    "<itemComponent name='name'><typeRef>string</typeRef></itemComponent>"
    "<itemComponent name='children' isCollection='true'><typeRef>tChild</typeRef></itemComponent>"
    "</itemDefinition>"
    "<itemDefinition name='tChild'><typeRef>tPerson</typeRef></itemDefinition>"
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{name: "Amina", children: []}', '{name: "Amina", children: []}'),
        (
            '{name: "Amina", children: [{name: "Bruno", children: null}]}',
            '{name: "Amina", children: [{name: "Bruno", children: null}]}',
        ),
        ('{name: "Amina", children: [{name: 1, children: []}]}', "null"),
        ('{name: "Amina", children: [{name: "Bruno"}]}', "null"),
        ('[{name: "Amina", children: []}]', '{name: "Amina", children: []}'),
    ],
)
def test_a_type_may_contain_itself(value: str, expected: str) -> None:
    book = library(decision("d", literal(value), kind="tPerson"), head=FAMILY)

    assert text_of(ask(book, "d", {}), inside=True) == expected


def test_a_type_that_contains_itself_is_asked_for_in_a_rule() -> None:
    tree = '{name: "Amina", children: [{name: "Bruno", children: []}]}'
    asked = (
        f"[{tree} instance of tPerson, {tree}.children[1] instance of tChild, 1 instance of tChild]"
    )

    book = library(decision("d", literal(asked)), head=FAMILY)

    assert text_of(ask(book, "d", {})) == "[true, true, false]"


def test_a_function_may_take_a_type_that_contains_itself() -> None:
    depth = (
        '<businessKnowledgeModel id="depth" name="depth"><variable name="depth"/>'
        '<encapsulatedLogic typeRef="number"><formalParameter name="of" typeRef="tPerson"/>'
        "<literalExpression><text>1 + max(append(for c in of.children return depth(c), 0))</text>"
        "</literalExpression></encapsulatedLogic><knowledgeRequirement><requiredKnowledge "
        'href="#depth"/></knowledgeRequirement></businessKnowledgeModel>'
    )
    tree = '{name: "A", children: [{name: "B", children: []}, {name: "C", children: [1]}]}'
    sound = tree.replace("[1]", '[{name: "D", children: []}]')

    book = library(
        decision("d", literal(f"[depth({sound}), depth({tree})]"), ["k:depth"]), depth, head=FAMILY
    )

    assert text_of(ask(book, "d", {})) == "[3, null]"


@pytest.mark.parametrize("other", ["tA", "tB"])
def test_a_type_that_is_nothing_but_itself_is_refused(other: str) -> None:
    head = (
        f"<itemDefinition name='tA'><typeRef>{other}</typeRef></itemDefinition>"
        "<itemDefinition name='tB'><typeRef>tA</typeRef></itemDefinition>"
    )

    with pytest.raises(UnknownType, match="defined by itself"):
        library(head=head)


def _greeting(*, variable: str, parameter: str = "", logic: str = "") -> str:
    typed = f' typeRef="{parameter}"' if parameter else ""
    result = f' typeRef="{logic}"' if logic else ""
    return (
        f'<businessKnowledgeModel id="f" name="f"><variable name="f" typeRef="{variable}"/>'
        f'<encapsulatedLogic{result}><formalParameter name="a"{typed}/>'
        "<literalExpression><text>a</text></literalExpression></encapsulatedLogic>"
        "</businessKnowledgeModel>"
    )


TEXT_TO_TEXT = (
    '<itemDefinition name="tF"><functionItem outputTypeRef="string">'
    '<parameters name="a" typeRef="string"/></functionItem></itemDefinition>'
)


@pytest.mark.parametrize(
    ("knowledge", "expected"),
    [
        # The function type of the variable holds for parameters and result.
        (_greeting(variable="tF"), '["x", null, "y"]'),
        (_greeting(variable="tF", parameter="Any"), '["x", null, "y"]'),
        (_greeting(variable="tF", parameter="number"), "[null, null, null]"),
        # Older models give the variable the type of the result.
        (_greeting(variable="string"), '["x", null, "y"]'),
        (_greeting(variable="string", logic="number"), "[null, 1, null]"),
        (_greeting(variable="function"), '["x", 1, ["y"]]'),
    ],
)
def test_knowledge_takes_and_gives_what_its_type_says(knowledge: str, expected: str) -> None:
    asked = decision("d", literal('[f("x"), f(1), f(["y"])]'), ["k:f"])

    book = library(asked, knowledge, head=TEXT_TO_TEXT)

    assert text_of(ask(book, "d", {})) == expected


def test_knowledge_that_calls_itself_for_ever_is_ended() -> None:
    endless = KNOWLEDGE.replace("n * 2", "double(n + 1)").replace(
        "</encapsulatedLogic>",
        "</encapsulatedLogic><knowledgeRequirement><requiredKnowledge href='#double'/>"
        "</knowledgeRequirement>",
    )
    book = library(decision("d", literal("double(1)"), ["k:double"]), endless)

    with pytest.raises(LimitExceeded):
        ask(book, "d", {})


def test_an_unknown_decision_is_named_with_those_there_are() -> None:
    with pytest.raises(NoSuchDecision, match="Ask for one of: d"):
        library(decision("d", literal("1"))).key_of("e")


def test_models_that_import_each_other_are_refused() -> None:
    def importing(own: str, other: str) -> str:
        head = f'<import name="o" namespace="{other}" importType="{DMN}"/>'
        return source(head=head).replace('namespace="urn:m"', f'namespace="{own}"')

    texts = [importing("urn:a", "urn:b"), importing("urn:b", "urn:a")]

    with pytest.raises(UnreadableModel, match="import each other"):
        Library([read_model(text, where="m.dmn") for text in texts])


def test_allowed_values_that_cannot_be_read_are_refused_with_their_type() -> None:
    with pytest.raises(RuleError, match="itemDefinition tBad"):
        library(
            head="<itemDefinition name='tBad'><typeRef>number</typeRef>"
            "<allowedValues><text>1 +</text></allowedValues></itemDefinition>"
        )


def test_a_function_box_without_body_gives_null() -> None:
    box = (
        "<context><contextEntry><variable name='f'/><functionDefinition/></contextEntry>"
        "<contextEntry>" + literal("f()") + "</contextEntry></context>"
    )

    assert value_of(box) == "null"


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("item > 1", "[2]"),
        ("if item = 1 then null else true", "[2]"),
        ("2", "2"),
        ('"no truth"', "null"),
        ('if item = 1 then true else "no truth"', "null"),
    ],
)
def test_a_boxed_filter_wants_true_or_false_or_a_place(match: str, expected: str) -> None:
    box = f"<filter><in>{literal('[1, 2]')}</in><match>{literal(match)}</match></filter>"

    assert value_of(box) == expected


def test_a_boxed_condition_may_itself_be_a_box() -> None:
    inner = "<conditional><if>{}</if><then>{}</then><else>{}</else></conditional>"
    condition = inner.format(literal("true"), literal("false"), literal("true"))

    assert value_of(inner.format(condition, literal("1"), literal("2"))) == "2"


def test_a_function_outside_feel_is_refused_by_name_and_the_others_run() -> None:
    book = library(
        decision("java", "<functionDefinition id='f' kind='Java'/>"), decision("d", literal("1"))
    )

    assert text_of(ask(book, "d", {})) == "1"
    (problem,) = book.problems()
    assert problem.code == "function.external"
    assert "A function of kind Java is not supported in m.dmn, decision java" in str(problem)


def test_knowledge_can_be_called_from_outside() -> None:
    book = library(KNOWLEDGE)
    run = Run()
    key = book.key_of("double")

    assert Evaluation(book, run, {}).call(key, {"n": Decimal(4)}) == 8
    assert Evaluation(book, run, {}).call(key, {"n": "four"}) is None
    assert [item.code for item in run.diagnostics] == ["type.argument"]
