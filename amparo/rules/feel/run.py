"""One evaluation under way: what it may see, what it has spent, what it has learned.

A Run is made fresh for each evaluation and belongs to one thread; everything compiled is shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from amparo.rules.feel.diagnostics import Diagnostic, LimitExceeded
from amparo.rules.feel.limits import MAX_CALLS, MAX_STEPS, STEPS_OF_A_CALL
from amparo.rules.feel.temporal import DateTime
from amparo.rules.feel.values import Value


@dataclass(frozen=True, slots=True)
class Unknown:
    """A place where missing data decided: an outcome resting on it is undetermined.

    facts: names, or dotted paths, that were null there.
    """

    cause: str
    where: str
    expression: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic: the text of the law, the same with values, the result."""

    kind: str
    expression: str
    values: str
    result: Value


@dataclass(slots=True)
class Run:
    """now: what ``now()`` and ``today()`` answer; None makes them null, with a diagnostic."""

    now: DateTime | None = None
    tracing: bool = False
    where: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    # Arithmetic, choices and tables, in the order they happened.
    steps: list[object] = field(default_factory=list)
    # Variables whose value rests on missing data, and why.
    uncertain: dict[str, tuple[Unknown, ...]] = field(default_factory=dict)
    spent: int = 0
    calls: int = 0

    def null(self, code: str, message: str, expression: str) -> None:
        self.diagnostics.append(Diagnostic(code, message, self.where, expression))

    def spend(self, steps: int) -> None:
        self.spent += steps
        if self.spent > MAX_STEPS:
            raise LimitExceeded(
                code="run.too-long",
                message=f"The evaluation took more than {MAX_STEPS} steps",
                remedy="Shorten the lists or ranges it walks over.",
                where=self.where,
            )

    def enter_call(self, name: str) -> None:
        self.calls += 1
        self.spend(STEPS_OF_A_CALL)
        if self.calls > MAX_CALLS:
            raise LimitExceeded(
                code="run.too-deep",
                message=f"Function {name} calls itself more than {MAX_CALLS} levels deep",
                remedy="Give the recursion an end, or write it as an iteration.",
                where=self.where,
            )


class Frame(dict[str, Value]):
    """Names and their values, inside out: what is not here is asked of the frame around.

    doubted: values that rest on missing data; who reads one takes over the doubts about it.
    """

    __slots__ = ("doubted", "outer", "run")

    def __init__(
        self,
        run: Run,
        names: Mapping[str, Value],
        outer: "Frame | None" = None,
        doubted: Mapping[str, Value] | None = None,
    ) -> None:
        self.update(names)
        self.run = run
        self.outer = outer
        self.doubted = doubted

    def __missing__(self, name: str) -> Value:
        if self.doubted is not None and name in self.doubted:
            self.run.unknowns.extend(self.run.uncertain.get(name, ()))
            return self.doubted[name]
        if self.outer is not None:
            return self.outer[name]
        self.run.null("name.unknown", f"there is no {name} here", name)
        return None

    def inner(self, names: Mapping[str, Value]) -> "Frame":
        return Frame(self.run, names, self)

    def knows(self, name: str) -> bool:
        return self.find(name)[0]

    def find(self, name: str) -> tuple[bool, Value]:
        """Give whether the name is known, and its value, without its doubts."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame:
                return True, frame[name]
            if frame.doubted is not None and name in frame.doubted:
                return True, frame.doubted[name]
            frame = frame.outer
        return False, None
