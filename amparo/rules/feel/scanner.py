"""Characters to tokens. Names are only cut into parts here: what belongs together the parser knows.

A token is a number, string, name part, at-literal or sign. The same scanner cuts the names of a
model, so a name is found again whatever spaces stand between its parts.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from amparo.rules.feel.diagnostics import LimitExceeded, Span, SyntaxRefused
from amparo.rules.feel.limits import MAX_EXPRESSION
from amparo.rules.feel.numbers import NUMBERS


class Kind(Enum):
    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    AT = "at-literal"
    SIGN = "sign"
    END = "end of text"


@dataclass(frozen=True, slots=True)
class Token:
    """value: the decoded text of strings; of others their text as written."""

    kind: Kind
    value: str
    span: Span


_SPACE = r"\s\u180e\u200b\ufeff"
_START = (
    r"?A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    r"\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    r"\U00010000-\U000effff"
)
_PART = _START + r"0-9\u00b7\u0300-\u036f\u203f-\u2040"
_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(
    rf"""
    (?P<space>[{_SPACE}]+|//[^\n\r]*|/\*.*?\*/)
    |(?P<at>@[{_SPACE}]*{_STRING})
    |(?P<string>{_STRING})
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>(?:(?![{_SPACE}])[{_START}])(?:(?![{_SPACE}])[{_PART}])*)
    |(?P<sign>\*\*|\.\.|->|!=|<=|>=|[-+*/=<>()\[\]{{}},:.'])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def scan(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens; the last is always END.

    Raises SyntaxRefused where a character fits nowhere, LimitExceeded for a text too long.
    """
    if len(text) > MAX_EXPRESSION:
        raise LimitExceeded(
            code="text.too-long",
            message=f"The expression has {len(text)} characters; the limit is {MAX_EXPRESSION}",
            remedy="Split it into several decisions.",
        )
    _refuse_half_characters(text)
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        position = match.end()
        if match.lastgroup != "space":
            tokens.append(_token(match, text))
    end = Span(len(text), len(text))
    return (*tokens, Token(Kind.END, "", end))


def _refuse_half_characters(text: str) -> None:
    """Refuse half of a surrogate pair: it stands for no character and cannot be written out."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SyntaxRefused(
            code="syntax.character",
            message="This stands for no character",
            remedy="Remove it.",
            span=Span(error.start, error.start),
            source=text,
        ) from error


def _token(match: re.Match[str], source: str) -> Token:
    span = Span(match.start(), match.end())
    text = match.group()
    match match.lastgroup:
        case "string":
            return Token(Kind.STRING, unescape(text[1:-1], source, span), span)
        case "at":
            inner = text[text.index('"') + 1 : -1]
            return Token(Kind.AT, unescape(inner, source, span), span)
        case "number":
            return Token(Kind.NUMBER, text, span)
        case "name":
            return Token(Kind.NAME, text, span)
        case _:
            return Token(Kind.SIGN, text, span)


def unescape(text: str, source: str, span: Span) -> str:
    """Decode the escapes of a string literal; a surrogate pair becomes its one character."""
    if "\\" not in text:
        return text

    def decoded(match: re.Match[str]) -> str:
        escape = match.group(1)
        if len(escape) > 1:
            code = int(escape[1:], 16)
            if code > 0x10FFFF:
                raise _bad_escape(escape, source, span)
            return chr(code)
        if escape not in _SIMPLE_ESCAPES:
            # FEEL has no such escape; regular expressions write \d and mean it.
            return "\\" + escape
        return _SIMPLE_ESCAPES[escape]

    raw = _ESCAPE.sub(decoded, text)
    try:
        return raw.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise _bad_escape("half of a surrogate pair", source, span) from error


def _bad_escape(what: str, source: str, span: Span) -> SyntaxRefused:
    return SyntaxRefused(
        code="syntax.escape",
        message=f"The escape {what} stands for no character",
        remedy="Write \\u with four hexadecimal digits or \\U with six, up to \\U10FFFF.",
        span=span,
        source=source,
    )


def _unreadable(text: str, position: int) -> SyntaxRefused:
    what = "This text in quotes has no end" if text[position] == '"' else "This is not FEEL"
    return SyntaxRefused(
        code="syntax.character",
        message=what,
        remedy="Remove the character, or close the quotes or the comment.",
        span=Span(position, position + 1),
        source=text,
    )


def name_parts(name: str) -> tuple[str, ...]:
    """Cut a model's name into the parts an expression would show."""
    return tuple(token.value for token in scan(name)[:-1])


def read_number(text: str) -> Decimal:
    """Read a number literal into decimal128."""
    return NUMBERS.create_decimal(text)
