"""Who calls whom in the product, so that a rule can follow an operation into what it delegates to.

A call is followed through imports, aliases and what a package hands on. What cannot be followed, a
method of a value that was passed in, counts as calling nothing: a rule built on this sees too
little evidence rather than too much.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.architecture.source import Source


@dataclass(frozen=True)
class Function:
    """A function or method of the product."""

    path: str
    source: Source
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.path.split("."))


class CallGraph:
    """The functions of some sources, by dotted path, and what each of them calls."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._modules = {_module_of(source): source for source in sources}
        self.functions = {
            function.path: function
            for module, source in self._modules.items()
            for function in _functions(module, source, source.tree.body)
        }

    @cached_property
    def calls(self) -> dict[str, frozenset[str]]:
        """What each function calls, as dotted paths, nested functions included."""
        return {
            path: frozenset(
                self._definition(_module_of(function.source), function.source.dotted(node.func))
                for node in ast.walk(function.node)
                if isinstance(node, ast.Call)
            )
            for path, function in self.functions.items()
        }

    def reaching(self, wanted: Iterable[str], *, without: Iterable[str] = ()) -> set[str]:
        """Return the functions from which a call leads to one of the wanted, by any way but some.

        without: functions through which no way leads.
        """
        found, barred = set(wanted), set(without)
        grew = True
        while grew:
            new = {p for p, called in self.calls.items() if called & found} - found - barred
            found |= new
            grew = bool(new)
        return found

    def callers(self, path: str) -> set[str]:
        return {caller for caller, called in self.calls.items() if path in called}

    def _definition(self, module: str, path: str) -> str:
        """Follow a name to the place where its function is defined."""
        if f"{module}.{path}" in self.functions:
            return f"{module}.{path}"
        seen: set[str] = set()
        while path not in self.functions and path not in seen:
            seen.add(path)
            owner, _, name = path.rpartition(".")
            if owner in self._modules and (handed_on := self._modules[owner].meaning(name)) != name:
                path = handed_on
        return path


def _module_of(source: Source) -> str:
    parts = source.path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _functions(prefix: str, source: Source, body: list[ast.stmt]) -> Iterator[Function]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(f"{prefix}.{node.name}", source, node)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(f"{prefix}.{node.name}", source, node.body)
