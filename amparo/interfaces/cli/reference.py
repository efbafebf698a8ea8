"""The reference of commands and of FEEL's built-ins, written from what the product itself holds."""

import re
from collections.abc import Iterator
from typing import Any

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel.builtins import BUILTINS, GROUPS
from amparo.rules.feel.builtins.registry import Builtin, Overload
from amparo.rules.feel.evaluate import Expression
from amparo.rules.feel.parser import parse_expression
from amparo.rules.feel.run import Frame, Run
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.feel.temporal import parse_datetime
from amparo.rules.feel.values import text_of

# What now() and today() answer in the examples: a page that changes by itself proves nothing.
_EXAMPLE_INSTANT = parse_datetime("2026-11-23T09:30:00Z")


def command_reference(command: Any, *, name: str = "amparo") -> str:
    """Return a Markdown section per command: what it does, its arguments, its options."""
    return "\n".join(_sections(command, name))


def _sections(command: Any, name: str) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if children is not None:
        for child_name, child in children.items():
            yield from _sections(child, f"{name} {child_name}")
        return
    yield f"## `{name}`\n"
    yield f"{_plain(command.help or '')}\n"
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        yield "| | |\n|---|---|"
        yield from rows
        yield ""


def _row(parameter: Any) -> str:
    names = [*parameter.opts, *parameter.secondary_opts]
    if parameter.param_type_name == "argument":
        names = [(parameter.metavar or parameter.name).upper()]
    told = getattr(parameter, "help", None) or ""
    default = parameter.default
    if default is not None and default is not False and not callable(default):
        told = f"{told} Default: {default}."
    if parameter.required:
        told = f"{told} Required."
    return f"| {', '.join(f'`{n}`' for n in names)} | {_plain(told)} |"


def _plain(text: str) -> str:
    """Keep what people wrote from being read as markup or as the end of a cell."""
    return text.strip().replace("<", "&lt;").replace("|", "/")


# --- FEEL -------------------------------------------------------------------------------------


class BadExample(Exception):
    """An example of the reference has no value, or shows no built-in."""


def builtin_reference(*, examples: str) -> str:
    """Return a Markdown section per group of built-ins: how each is called, and what it gives.

    examples: one expression a line, // starts a comment; the engine evaluates each here and now.
    Raises BadExample.
    """
    shown = _examples(examples)
    return "\n".join(
        line
        for group in GROUPS
        for line in (
            f"## {group.__name__.rpartition('.')[2].capitalize()}\n",
            f"{_plain(group.__doc__ or '')}\n",
            "| call | example | gives |\n|---|---|---|",
            *(
                f"| {_calls(built)} | {_cells(shown.get(name, []))} |"
                for name, built in BUILTINS.items()
                if built.overloads[0].implementation.__module__ == group.__name__
            ),
            "",
        )
    )


def _examples(text: str) -> dict[str, list[tuple[str, str]]]:
    """Return expressions with their values, by the built-in that each begins with."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        expression = line.partition("//")[0].strip()
        if not expression:
            continue
        name = expression.partition("(")[0]
        if name not in BUILTINS:
            raise BadExample(f"“{expression}” begins with no built-in.")
        found.setdefault(name, []).append((expression, _value_of(expression)))
    return found


def _value_of(expression: str) -> str:
    parsed = parse_expression(expression, Scope(NameTable(), NameTable()), builtins=BUILTIN_NAMES)
    run = Run(now=_EXAMPLE_INSTANT)
    value = Expression(parsed)(Frame(run, {}))
    if value is None or run.diagnostics:
        causes = "; ".join(diagnostic.message for diagnostic in run.diagnostics)
        raise BadExample(f"“{expression}” has no value: {causes or 'null'}.")
    return text_of(value, inside=True)


def _calls(built: Builtin) -> str:
    return "<br>".join(f"`{_call(built.name, overload)}`" for overload in built.overloads)


def _call(name: str, overload: Overload) -> str:
    required = len(overload.parameters) - overload.optional
    parameters = [
        parameter if number < required else f"[{parameter}]"
        for number, parameter in enumerate(overload.parameters)
    ]
    return f"{name}({', '.join(parameters)}{'…' if overload.variadic else ''})"


def _cells(examples: list[tuple[str, str]]) -> str:
    called = "<br>".join(f"`{_code(expression)}`" for expression, _value in examples)
    given = "<br>".join(f"`{_code(value)}`" for _expression, value in examples)
    return f"{called} | {given}"


def _code(text: str) -> str:
    return re.sub(r"\|", r"\\|", text)
