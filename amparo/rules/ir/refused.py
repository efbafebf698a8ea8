"""The one way of saying no while lowering: a reason, a remedy, and where in the text."""

from amparo.rules.feel.diagnostics import Span


class Refused(Exception):
    """A construct that cannot be proven equal in SQL; the decision runs in the interpreter.

    where, source and span name the place; whoever knows them fills them in on the way up.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy
        self.where = ""
        self.source = ""
        self.span: Span | None = None
        super().__init__(f"{reason}. {remedy}")

    def at(self, source: str, span: Span) -> "Refused":
        if self.span is None:
            self.source, self.span = source, span
        return self

    def inside(self, where: str) -> "Refused":
        self.where = self.where or where
        return self
