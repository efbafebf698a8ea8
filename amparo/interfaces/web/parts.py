"""The page kinds as data: what a record or a dashboard always has.

Each type has one template part of the same name under templates/web/parts. Views fill them;
templates hold no query and no arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from django import forms

from amparo.interfaces.web.tables import Kind, Table, Value, written
from amparo.interfaces.web.vocabulary import state_word, tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and a value, for header strips and summaries."""

    label: str
    value: Value
    kind: Kind = "text"
    href: str = ""
    tone: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        return written(self.value, kind=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The head of a record: always in view, says who or what this is and how it stands."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    title: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    title: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A state of a process: past, current or still to come."""

    title: str
    is_past: bool
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An entry of a timeline with both times: when it was true, and when it became known."""

    title: str
    true_on: str
    known_at: str
    href: str = ""
    note: str = ""
    by: str = ""
    source: str = ""
    because: str = ""  # on which evidence it was written, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A step with a page of its own: what is known on the left, the form on the right.

    consequence: what pressing the button does; undo: how it is put right if it was a mistake.
    """

    title: str
    button: str
    form: forms.Form
    consequence: str
    undo: str
    facts_title: str = ""
    facts: Sequence[Fact] = ()
    tables: Sequence[Table] = ()
    key: str = field(default_factory=lambda: str(uuid4()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a dashboard, two clicks from its rows."""

    name: str
    value: str
    note: str = ""
    href: str = ""


State = Literal["met", "missed", "unknown", "untargeted", "not-applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of a dashboard with what it is judged by. A figure that nobody knows is not met.

    value: empty where it is unknown. target, trend, note: in words. href: where its rows are.
    """

    name: str
    value: str
    target: str
    trend: str
    state: State
    href: str = ""
    note: str = ""

    @property
    def state_word(self) -> str:
        return state_word(self.state)

    @property
    def tone(self) -> str:
        return tone(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A piece of a chart, in its own coordinates; look: which of the three fills it has."""

    x: int
    y: int
    width: int
    height: int
    look: str
    said: str  # read out and shown to who points at it


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Stacked columns drawn by the server; the table beside it says the same in figures."""

    name: str
    title: str
    bars: Sequence[Bar]
    labels: Sequence[Label]
    legend: Sequence[tuple[str, str]]  # (look, what it stands for)
    top: str  # what the upper edge stands for
    table: Table
