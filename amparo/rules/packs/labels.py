"""What a model's names and headings are called in other languages: ``texts/<language>.toml``.

One table ``labels``: the name of a decision, knowledge model, entry or parameter of a function, the
heading of a column, and the text in that language.
Inputs and parameters of the law have their titles where they are declared.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from amparo.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedInvocation,
    BoxedList,
    Conditional,
    DecisionTable,
    Expression,
    FunctionDefinition,
    Iteration,
    Model,
    Relation,
)
from amparo.rules.packs.errors import UnusablePack
from amparo.rules.packs.texts import Table, read_toml

Labels = Mapping[str, Mapping[str, str]]
_FILE: Final = re.compile(r"texts/([a-z]{2})\.toml")


def read_labels(files: Mapping[str, str], models: Iterable[Model]) -> Labels:
    """Read the labels of every language. Raises UnusablePack for a label of nothing."""
    known = {shown for model in models for shown in names_shown(model)}
    found: dict[str, Mapping[str, str]] = {}
    for name, text in files.items():
        match = _FILE.fullmatch(name)
        if match is not None:
            found[match[1]] = _labels(text, name, known)
    return found


def _labels(text: str, where: str, known: set[str]) -> Mapping[str, str]:
    table = Table(read_toml(text, where=where), where)
    content = table.anything("labels")
    table.finish()
    if not isinstance(content, dict) or not all(isinstance(one, str) for one in content.values()):
        raise table.refuse("labels is no table of texts", "Write name = “text” under [labels].")
    strange = sorted(set(content) - known)
    if strange:
        raise UnusablePack(
            code="pack.label",
            message=f"The model shows nothing called {', '.join(strange)}",
            remedy="Write the name or heading as the model does.",
            where=where,
        )
    return content


def names_shown(model: Model) -> Iterator[str]:
    """Give every name and heading that pages show of a model, but those of its inputs."""
    for decision in model.decisions.values():
        yield decision.name
        yield from _inside(decision.logic)
    for knowledge in model.knowledge.values():
        yield knowledge.name
        yield from _inside(knowledge.logic)


def _inside(boxed: Expression | None) -> Iterator[str]:
    match boxed:
        case DecisionTable():
            yield from (clause.label for clause in boxed.inputs)
            yield from (clause.label for clause in boxed.outputs)
            yield from boxed.annotations
        case BoxedContext():
            yield from (entry.name for entry in boxed.entries if entry.name)
        case FunctionDefinition():
            yield from (parameter.name for parameter in boxed.parameters)
        case Iteration():
            yield boxed.variable
        case Relation():
            yield from boxed.columns
        case _:
            pass
    for part in _parts(boxed):
        yield from _inside(part)


def _parts(  # noqa: PLR0911 - one line per box
    boxed: Expression | None,
) -> tuple[Expression, ...]:
    match boxed:
        case BoxedContext():
            return tuple(entry.expression for entry in boxed.entries)
        case FunctionDefinition():
            return () if boxed.body is None else (boxed.body,)
        case BoxedList():
            return boxed.items
        case Conditional():
            return boxed.condition, boxed.then, boxed.otherwise
        case Iteration():
            return boxed.source, boxed.body
        case BoxedFilter():
            return boxed.source, boxed.match
        case BoxedInvocation():
            return tuple(value for _, value in boxed.bindings)
        case Relation():
            return tuple(cell for row in boxed.rows for cell in row)
        case _:
            return ()
