"""Built-ins on strings. Characters are Unicode code points, counted from 1."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from amparo.rules.feel.builtins.registry import (
    a_boolean,
    a_list,
    a_position,
    a_string,
    builtin,
    single,
)
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_SEARCHED, MAX_TEXT
from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.patterns import Found, Pattern, compile_pattern
from amparo.rules.feel.values import Value, text_of

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@builtin("substring", "string", "start position", "length?")
def substring(text: Value, start: Value, length: Value = None) -> Value:
    characters, first = a_string(text), a_position(start)
    if first == 0 or abs(first) > len(characters):
        raise NullCause("string.position", f"there is no position {first} in the text")
    begin = first - 1 if first > 0 else len(characters) + first
    if length is None:
        return characters[begin:]
    count = a_position(length)
    if count < 1:
        raise NullCause("string.length", "the length must be at least 1")
    return characters[begin : begin + count]


@builtin("string length", "string")
def string_length(text: Value) -> Value:
    return Decimal(len(a_string(text)))


@builtin("upper case", "string")
def upper_case(text: Value) -> Value:
    return a_string(text).upper()


@builtin("lower case", "string")
def lower_case(text: Value) -> Value:
    return a_string(text).lower()


@builtin("substring before", "string", "match")
def substring_before(text: Value, match: Value) -> Value:
    before, found, _ = _parts(a_string(text), a_string(match))
    return before if found else ""


@builtin("substring after", "string", "match")
def substring_after(text: Value, match: Value) -> Value:
    _, found, after = _parts(a_string(text), a_string(match))
    return after if found else ""


def _parts(text: str, match: str) -> tuple[str, bool, str]:
    before, found, after = text.partition(match) if match else ("", "", text)
    return before, bool(found) or not match, after


@builtin("contains", "string", "match")
def contains(text: Value, match: Value) -> Value:
    return a_string(match) in a_string(text)


@builtin("starts with", "string", "match")
def starts_with(text: Value, match: Value) -> Value:
    return a_string(text).startswith(a_string(match))


@builtin("ends with", "string", "match")
def ends_with(text: Value, match: Value) -> Value:
    return a_string(text).endswith(a_string(match))


@builtin("matches", "input", "pattern", "flags?")
def matches(text: Value, pattern: Value, flags: Value = None) -> Value:
    return _pattern(pattern, flags).found_in(_searchable(text))


@builtin("replace", "input", "pattern", "replacement", "flags?")
def replace(text: Value, pattern: Value, replacement: Value, flags: Value = None) -> Value:
    compiled, whole = _pattern(pattern, flags), _searchable(text)
    literal = "q" in (a_string(flags) if flags is not None else "")
    parts = _replacement(a_string(replacement), compiled.groups, literal=literal)
    pieces: list[str] = []
    length = position = 0
    for found in _parting(compiled, whole):
        pieces.append(whole[position : found.start])
        for part in parts:
            new = part if isinstance(part, str) else _group_text(whole, found, part)
            pieces.append(new)
            length += len(new)
        position = found.end
        if length > MAX_TEXT:
            raise NullCause("string.too-long", f"a text has at most {MAX_TEXT} characters")
    return "".join([*pieces, whole[position:]])


@builtin("split", "string", "delimiter")
def split(text: Value, delimiter: Value) -> Value:
    pieces: list[Value] = []
    position, whole = 0, _searchable(text)
    for found in _parting(_pattern(delimiter, None), whole):
        pieces.append(whole[position : found.start])
        position = found.end
    return [*pieces, whole[position:]]


def _pattern(pattern: Value, flags: Value) -> Pattern:
    return compile_pattern(a_string(pattern), "" if flags is None else a_string(flags))


def _parting(pattern: Pattern, text: str) -> Iterator[Found]:
    """Give the matches that part a text; a pattern the empty text matches would part it nowhere."""
    if pattern.matches_nothing:
        raise NullCause("pattern.empty-match", "the pattern matches the empty text")
    return pattern.all_in(text)


def _searchable(text: Value) -> str:
    whole = a_string(text)
    if len(whole) > MAX_SEARCHED:
        raise NullCause(
            "pattern.long-text", f"a text of over {MAX_SEARCHED} characters is not searched"
        )
    return whole


def _group_text(text: str, found: Found, number: int) -> str:
    span = (found.start, found.end) if number == 0 else found.groups[number - 1]
    return "" if span is None else text[span[0] : span[1]]


_REFERENCE = re.compile(r"\\(.)|\$(\d+)|(\$|\\)", re.DOTALL | re.ASCII)


def _replacement(text: str, groups: int, *, literal: bool) -> list[str | int]:
    """Cut a replacement into texts and numbers of groups; a group not there is the empty text."""
    if literal:
        return [text]
    parts: list[str | int] = []
    position = 0
    for match in _REFERENCE.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
        if match[1] is not None:
            if match[1] not in "$\\":
                raise NullCause("pattern.replacement", "\\ must stand before $ or \\")
            parts.append(match[1])
            continue
        if match[3] is not None:
            raise NullCause("pattern.replacement", "$ must stand before a group's number")
        digits, rest = match[2][:9], match[2][9:]
        while len(digits) > 1 and int(digits) > groups:
            digits, rest = digits[:-1], digits[-1] + rest
        if int(digits) <= groups:
            parts.append(int(digits))
        parts.append(rest)
    return [*parts, text[position:]]


@builtin("string join", "list", "delimiter?")
def string_join(items: Value, delimiter: Value = None) -> Value:
    """Join the texts of a list; nulls in it are left out."""
    joint = "" if delimiter is None else a_string(delimiter)
    texts = [a_string(item) for item in a_list(items) if item is not None]
    if sum(map(len, texts)) + len(joint) * len(texts) > MAX_TEXT:
        raise NullCause("string.too-long", f"a text has at most {MAX_TEXT} characters")
    return joint.join(texts)


@builtin("string", "from")
def string(value: Value) -> Value:
    return None if value is None else text_of(value)


@builtin("number", "from")
def number(text: Value) -> Value:
    if isinstance(text, Decimal):
        return text
    return _read(a_string(text))


@builtin("number", "from", "grouping separator", "decimal separator")
def number_with_separators(text: Value, grouping: Value, point: Value) -> Value:
    digits = a_string(text)
    group = None if grouping is None else a_string(grouping)
    decimal = None if point is None else a_string(point)
    if group not in (None, " ", ",", ".") or decimal not in (None, ".", ","):
        raise NullCause("number.separator", "a separator must be a space, comma or point")
    if group is not None and group == decimal:
        raise NullCause("number.separator", "the two separators are the same")
    if group is not None:
        digits = digits.replace(group, "")
    if decimal == ",":
        # Here a point separates nothing, so a text that still holds one is no number.
        digits = digits.replace(".", " ").replace(",", ".")
    return _read(digits)


def _read(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise NullCause("number.unreadable", "the text is not a number")
    try:
        return NUMBERS.create_decimal(text)
    except InvalidOperation as error:
        raise NullCause("number.unreadable", "the number is beyond 34 digits") from error


@builtin("not", "negand")
def negated(value: Value) -> Value:
    return not a_boolean(single(value))
