"""Write small models for tests: only what differs is said."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from amparo.rules.dmn.graph import Evaluation, Library
from amparo.rules.dmn.xml import read_model
from amparo.rules.feel.run import Run
from amparo.rules.feel.values import Value

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def literal(text: str, **attributes: str) -> str:
    marks = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<literalExpression{marks}><text>{escape(text)}</text></literalExpression>"


def cell(kind: str, text: str) -> str:
    return f"<{kind}><text>{escape(text)}</text></{kind}>"


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: str = "",
    default: str = "",
) -> str:
    """Write a decision table. values, default: of the first output."""
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    text = f'<decisionTable id="t" hitPolicy="{policy}"{aggregated}>'
    for name in inputs:
        text += f"<input><inputExpression><text>{escape(name)}</text></inputExpression></input>"
    for number, name in enumerate(outputs):
        text += f'<output name="{name}">'
        if values and number == 0:
            text += cell("outputValues", values)
        if default and number == 0:
            text += cell("defaultOutputEntry", default)
        text += "</output>"
    for number, (tests, results) in enumerate(rows, start=1):
        text += f'<rule id="r{number}">'
        text += "".join(cell("inputEntry", test) for test in tests)
        text += "".join(cell("outputEntry", result) for result in results)
        text += "</rule>"
    return text + "</decisionTable>"


def decision(name: str, logic: str, requires: Sequence[str] = (), *, kind: str = "") -> str:
    typed = f' typeRef="{kind}"' if kind else ""
    text = f"<decision id={quoteattr(name)} name={quoteattr(name)}>"
    text += f"<variable name={quoteattr(name)}{typed}/>"
    for required in requires:
        mark, _, target = required.partition(":")
        element = {"i": "requiredInput", "d": "requiredDecision", "k": "requiredKnowledge"}[mark]
        holder = "knowledgeRequirement" if mark == "k" else "informationRequirement"
        text += f'<{holder}><{element} href="#{target}"/></{holder}>'
    return text + logic + "</decision>"


def source(*elements: str, inputs: Mapping[str, str] | None = None, head: str = "") -> str:
    """Write a model: inputs by name and type, then elements."""
    given = "".join(
        f'<inputData id="{name}" name="{name}">'
        f'<variable name="{name}" typeRef="{kind}"/></inputData>'
        for name, kind in (inputs or {}).items()
    )
    return (
        f'<definitions xmlns="{DMN}" id="m" name="m" namespace="urn:m">'
        f"{head}{given}{''.join(elements)}</definitions>"
    )


def library(*elements: str, inputs: Mapping[str, str] | None = None, head: str = "") -> Library:
    return Library([read_model(source(*elements, inputs=inputs, head=head), where="m.dmn")])


def ask(book: Library, name: str, given: Mapping[str, Value], run: Run | None = None) -> Value:
    values = {book.key_of(key): value for key, value in given.items()}
    return Evaluation(book, run or Run(), values).ask(book.key_of(name))
