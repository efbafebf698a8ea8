"""How the engine says no: refusals stop the reading, diagnostics explain a null."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range in the source text of one expression."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a value became null while rules ran."""

    code: str
    message: str
    where: str
    expression: str


class RuleError(Exception):
    """A rule text or an input that cannot be used, with its place and what to do.

    code: stable identifier for programs. where: model element or file. span: place in the
    expression. remedy: what the author or caller can do.
    """

    def __init__(
        self,
        *,
        code: str,
        message: str,
        remedy: str,
        where: str = "",
        span: Span | None = None,
        source: str = "",
    ) -> None:
        self.code = code
        self.message = message
        self.remedy = remedy
        self.where = where
        self.span = span
        self.source = source
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = f" in {self.where}" if self.where else ""
        if self.span is not None:
            found = self.source[self.span.start : self.span.end].strip()
            near = f" at “{found}”" if found else ""
            place += f", character {self.span.start + 1}{near}"
        return f"{self.message}{place}. {self.remedy}"


class SyntaxRefused(RuleError):
    """The text is not FEEL."""


class NotSupported(RuleError):
    """The text is FEEL or DMN, but this engine does not support that part of it yet."""


class LimitExceeded(RuleError):
    """A rule asked for more depth, size or steps than the engine allows."""


class NullCause(Exception):
    """Raised by built-ins; the caller turns it into null with a diagnostic."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)
