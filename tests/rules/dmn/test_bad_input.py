"""Models that are broken, hostile or vast: each refused soon, with model, element and place."""

import time
from decimal import Decimal

import pytest

from amparo.rules.dmn.graph import Library
from amparo.rules.dmn.xml import read_model
from amparo.rules.feel.diagnostics import LimitExceeded, RuleError
from amparo.rules.feel.run import Run
from tests.rules.dmn.models import DMN, ask, decision, library, literal, source, table

NAMES = ["a" * n for n in range(1, 12)]
TENFOLD = [f"&{name};" * 10 for name in NAMES]
BOMB = (
    '<!DOCTYPE definitions [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{text}">' for name, text in zip(NAMES[1:], TENFOLD[:-1], strict=True)
    )
    + "]>"
)
FILE = '<!DOCTYPE definitions [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("<definitions", "xml.malformed", "not well-formed"),
        ("", "xml.malformed", "not well-formed"),
        ("\ud800", "xml.malformed", "not well-formed"),
        (BOMB + source().replace('name="m"', f'name="&{NAMES[-1]};"'), "xml", "m.dmn"),
        (FILE + source().replace('name="m"', 'name="&x;"'), "xml", "m.dmn"),
        (FILE + source(), "xml.doctype", "document type"),
        (source().replace(DMN, "urn:other"), "dmn.namespace", "namespace urn:other"),
        (
            source().replace(DMN, "http://www.omg.org/spec/DMN/20180521/MODEL/"),
            "dmn.namespace",
            "Save the model as DMN 1.3, 1.4, 1.5",
        ),
        ("<a>" * 300 + "</a>" * 300, "xml.malformed", "m.dmn"),
        (source("<decision id='d'/>"), "dmn.structure", "decision d (line 1)"),
        (
            source(decision("d", "<relation id='r'><column name='a'/><row/></relation>")),
            "dmn.structure",
            "has 0 cells for 1 columns",
        ),
        (
            source(decision("d", table(["x"], ["a", "b"], [(["1"], ["2"])]))),
            "dmn.structure",
            "has 1 input and 1 output cells for 1 inputs and 2 outputs",
        ),
        (
            source("<decision id='d' name='a'/><decision id='d' name='b'/>"),
            "dmn.structure",
            "has the id d, as another has",
        ),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_its_place(text: str, code: str, told: str) -> None:
    started = time.process_time()

    with pytest.raises(RuleError) as refused:
        read_model(text, where="m.dmn")

    assert refused.value.code.startswith(code)
    assert told in str(refused.value)
    assert "hostname" not in str(refused.value).replace("/etc/hostname", "")
    assert time.process_time() - started < 2


def problem_of(*elements: str, head: str = "") -> str:
    try:
        book = library(*elements, head=head, inputs={"x": "number"})
    except RuleError as error:
        return str(error)
    return "; ".join(map(str, book.problems()))


def entry(name: str, text: str) -> str:
    return f"<contextEntry><variable name='{name}'/>{literal(text)}</contextEntry>"


FUNCTION = "<functionDefinition id='f'><formalParameter name='p'/><formalParameter name='p'/>"


@pytest.mark.parametrize(
    ("elements", "head", "told"),
    [
        (["<decision id='1' name='n'/>", "<decision id='2' name='n'/>"], "", "for two elements"),
        (["<decision id='1' name='x'/>"], "", "The name x stands for two elements"),
        (
            [],
            "<itemDefinition name='t'><typeRef>number</typeRef></itemDefinition>" * 2,
            "The name t stands for two types",
        ),
        (
            [],
            "<itemDefinition name='t'>"
            + "<itemComponent name='c'><typeRef>number</typeRef></itemComponent>" * 2
            + "</itemDefinition>",
            "The name t.c stands for two types",
        ),
        (
            [],
            (
                "<itemDefinition name='t'><typeRef>u</typeRef></itemDefinition>"
                "<itemDefinition name='u'><typeRef>t</typeRef></itemDefinition>"
            ),
            "is defined by itself",
        ),
        (
            [decision("d", f"<context id='c'>{entry('a', '1')}{entry('a', '2')}</context>")],
            "",
            "The name a stands twice in m.dmn, decision d, expression c",
        ),
        (
            [decision("d", f"{FUNCTION}{literal('p')}</functionDefinition>")],
            "",
            "The name p stands twice",
        ),
        ([decision("d", table(["1"], ["a", "a"], []))], "", "The name a stands twice"),
        (
            [decision("d", "<relation><column name='a'/><column name='a'/></relation>")],
            "",
            "The name a stands twice",
        ),
        ([decision("d", literal("1 +"))], "", "m.dmn, decision d"),
        ([decision("d", literal("1"), kind="tNone")], "", "There is no type tNone"),
        ([decision("d", literal("1"), ["d:gone"])], "", "points to gone"),
        ([decision("d", literal("1"), ["d:d"])], "", "decisions that require each other"),
        (
            ["<decisionService id='s' name='s'><outputDecision href='#gone'/></decisionService>"],
            "",
            "The service names gone",
        ),
    ],
)
def test_a_model_at_odds_with_itself_says_where(elements: list[str], head: str, told: str) -> None:
    assert told in problem_of(*elements, head=head)


def test_two_models_of_one_namespace_are_refused() -> None:
    models = [read_model(source(), where=where) for where in ("a.dmn", "b.dmn")]

    with pytest.raises(RuleError, match=r"is that of a\.dmn too"):
        Library(models)


def test_elements_and_types_of_an_import_without_a_name_have_their_own() -> None:
    low = source(
        "<businessKnowledgeModel id='k' name='twice'><variable name='twice'/><encapsulatedLogic>"
        f"<formalParameter name='n' typeRef='tAge'/>{literal('n * 2')}</encapsulatedLogic>"
        "</businessKnowledgeModel>",
        head="<itemDefinition name='tAge'><typeRef>number</typeRef></itemDefinition>",
    )
    top = source(
        decision("d", literal("twice(3)"), ["k:k"], kind="tAge"),
        head=f"<import name='' namespace='urn:m' importType='{DMN}'/>",
    )
    top = top.replace('namespace="urn:m"', 'namespace="urn:top"', 1).replace("#k", "urn:m#k")
    book = Library([read_model(top, where="top.dmn"), read_model(low, where="low.dmn")])

    assert list(book.problems()) == []
    assert ask(book, "d", {}) == 6


def test_a_chain_of_a_thousand_decisions_is_decided() -> None:
    chain = [decision("d0", literal("1"))]
    chain += [decision(f"d{n}", literal(f"d{n - 1} + 1"), [f"d:d{n - 1}"]) for n in range(1, 1_000)]

    assert ask(library(*chain), "d999", {}) == 1_000


def test_diamonds_upon_diamonds_are_read_and_decided_once_each() -> None:
    started = time.process_time()
    layers = [decision("a0", literal("1")), decision("b0", literal("1"))]
    for n in range(1, 60):
        both = [f"d:a{n - 1}", f"d:b{n - 1}"]
        text = literal(f"a{n - 1} + b{n - 1}")
        layers += [decision(f"a{n}", text, both), decision(f"b{n}", text, both)]

    assert ask(library(*layers), "a59", {}) == 2**59
    assert time.process_time() - started < 2


def test_a_thousand_types_that_rest_on_each_other_are_read_or_refused() -> None:
    head = "<itemDefinition name='t0'><typeRef>number</typeRef></itemDefinition>" + "".join(
        f"<itemDefinition name='t{n}'><typeRef>t{n + 1}</typeRef></itemDefinition>"
        for n in range(1, 1_000)
    )
    head += "<itemDefinition name='t1000'><typeRef>t0</typeRef></itemDefinition>"

    with pytest.raises(LimitExceeded, match="nest more deeply"):
        library(head=head)


def test_a_table_of_ten_thousand_rules_is_read_and_decided_soon() -> None:
    started = time.process_time()
    rows = [([f"[{n}..{n + 1})"], [str(n)]) for n in range(10_000)]
    book = library(decision("d", table(["x"], ["y"], rows), ["i:x"]), inputs={"x": "number"})
    read = time.process_time() - started

    assert ask(book, "d", {"x": Decimal(9_999)}) == 9_999

    assert read < 20
    assert time.process_time() - started - read < 2


@pytest.mark.parametrize(
    "logic",
    [
        decision("d", literal("s()"), ["k:s"])
        + "<decisionService id='s' name='s'><outputDecision href='#d'/></decisionService>",
        "<businessKnowledgeModel id='k' name='k'><variable name='k'/><encapsulatedLogic>"
        + literal("k()")
        + "</encapsulatedLogic><knowledgeRequirement><requiredKnowledge href='#k'/>"
        + "</knowledgeRequirement></businessKnowledgeModel>"
        + decision("d", literal("k()"), ["k:k"]),
    ],
)
def test_what_calls_itself_without_end_is_ended_with_its_name(logic: str) -> None:
    with pytest.raises(LimitExceeded, match="calls itself more than"):
        ask(library(logic), "d", {})


def test_a_wrong_type_is_null_with_its_cause_and_place() -> None:
    book = library(decision("d", literal("x"), ["i:x"]), inputs={"x": "number"})
    run = Run()

    assert ask(book, "d", {"x": "twelve"}, run) is None
    assert [(item.code, item.message) for item in run.diagnostics] == [
        ("type.result", "x must be number, not string")
    ]


@pytest.mark.parametrize(
    "text",
    ["__import__('os').system('true')", "().__class__", "open('/etc/hostname').read()", "x;y"],
)
def test_nothing_of_python_can_be_reached(text: str) -> None:
    run = Run()
    try:
        book = library(decision("d", literal(text)))
    except RuleError:
        return

    assert ask(book, "d", {}, run) is None
    assert run.diagnostics
