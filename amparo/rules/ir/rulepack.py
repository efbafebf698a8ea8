"""What the compiler needs of a pack; ``packs.Pack`` is one. Said here so that packs may compile."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Protocol

from amparo.rules.dmn.graph import Key, Library
from amparo.rules.feel.values import Value


class ParameterRow(Protocol):
    @property
    def value(self) -> Value: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


class Parameter(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def gaps_allowed(self) -> bool: ...
    @property
    def rows(self) -> Sequence[ParameterRow]: ...
    def resolve(self, *, on: date, known_at: datetime | None = None) -> ParameterRow | None: ...


class Input(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def is_result(self) -> bool: ...


class Declared(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Literal["eligibility", "amount", "assessment", "lookup"]: ...
    @property
    def inputs(self) -> Sequence[Input]: ...
    @property
    def parameters_on(self) -> str: ...
    @property
    def year_begins(self) -> tuple[int, int]: ...
    @property
    def granted_by(self) -> str: ...


class Reason(Protocol):
    @property
    def code(self) -> str: ...


class Result(Protocol):
    @property
    def outcome(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def reasons(self) -> Sequence[Reason]: ...
    @property
    def missing(self) -> Sequence[str]: ...
    @property
    def trace(self) -> dict[str, Any] | None: ...


class Manifest(Protocol):
    @property
    def decisions(self) -> Sequence[Declared]: ...
    @property
    def inputs(self) -> Sequence[Input]: ...
    def decision(self, name: str) -> Declared | None: ...


class RulePack(Protocol):
    """An immutable pack: its graph, its declarations, its parameters, and its interpreter."""

    @property
    def hash(self) -> str: ...
    @property
    def library(self) -> Library: ...
    @property
    def manifest(self) -> Manifest: ...
    @property
    def parameters(self) -> Sequence[Parameter]: ...
    @property
    def reasons(self) -> Sequence[Reason]: ...
    def evaluate(
        self,
        decision: str,
        inputs: Mapping[str, object],
        *,
        on: date,
        known_at: datetime | None = None,
        trace: bool = True,
    ) -> Result: ...


__all__ = ["Key", "Parameter", "ParameterRow", "RulePack"]
