"""The reference of all commands, written from the commands themselves."""

from collections.abc import Iterator
from typing import Any


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
