"""What names an expression may use; the parser finds the longest that stands at a place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from amparo.rules.feel.diagnostics import SyntaxRefused
from amparo.rules.feel.scanner import Kind, Token, name_parts
from amparo.rules.feel.types import BUILT_IN_TYPES, FeelType


class NameTable:
    """Names by their first part, longest first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._names: set[str] = set()
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        if name in self._names:
            return
        try:
            parts = name_parts(name)
        except SyntaxRefused:
            # A quoted key may hold any character; only get value() can reach it.
            return
        if not parts:
            return
        self._names.add(name)
        bucket = self._by_first.setdefault(parts[0], [])
        bucket.append((parts, name))
        bucket.sort(key=lambda entry: -len(entry[0]))

    def longest(self, tokens: tuple[Token, ...], at: int) -> tuple[str, int] | None:
        """Give the longest name standing at a token, and how many tokens it takes."""
        for parts, name in self._by_first.get(tokens[at].value, ()):
            window = tokens[at : at + len(parts)]
            if len(window) == len(parts) and all(
                token.value == part and token.kind not in (Kind.STRING, Kind.AT)
                for token, part in zip(window, parts, strict=True)
            ):
                return name, len(parts)
        return None


@dataclass
class Scope:
    """Names in reach of an expression.

    variables: names that stand alone. members: names that may follow a dot, or stand alone
    inside a filter. types: named types for ``instance of`` and function parameters.
    """

    variables: NameTable = field(default_factory=NameTable)
    members: NameTable = field(default_factory=NameTable)
    types: Mapping[str, FeelType] = field(default_factory=lambda: BUILT_IN_TYPES)
    outer: "Scope | None" = None
    # Inside a filter the elements' entries are names too, and they are not known here.
    open_names: bool = False

    def inner(self, names: Iterable[str], *, open_names: bool = False) -> "Scope":
        return Scope(NameTable(names), self.members, self.types, self, open_names)

    @property
    def is_open(self) -> bool:
        """Whether there may be names in reach that nobody has declared."""
        return self.open_names or (self.outer is not None and self.outer.is_open)

    def longest(self, tokens: tuple[Token, ...], at: int) -> tuple[str, int] | None:
        best: tuple[str, int] | None = None
        scope: Scope | None = self
        while scope is not None:
            tables = (scope.variables, scope.members) if scope.open_names else (scope.variables,)
            for table in tables:
                found = table.longest(tokens, at)
                if found is not None and (best is None or found[1] > best[1]):
                    best = found
            scope = scope.outer
        return best
