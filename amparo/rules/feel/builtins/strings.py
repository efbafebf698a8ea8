"""Built-ins on strings. Characters are Unicode code points, counted from 1."""

import re
from decimal import Decimal, InvalidOperation

from amparo.rules.feel.builtins.patterns import compile_pattern, replacement_text
from amparo.rules.feel.builtins.registry import (
    a_boolean,
    a_list,
    a_position,
    a_string,
    builtin,
)
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.numbers import NUMBERS
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
    compiled = compile_pattern(a_string(pattern), "" if flags is None else a_string(flags))
    return compiled.search(_searchable(text)) is not None


@builtin("replace", "input", "pattern", "replacement", "flags?")
def replace(text: Value, pattern: Value, replacement: Value, flags: Value = None) -> Value:
    options = "" if flags is None else a_string(flags)
    compiled = compile_pattern(a_string(pattern), options)
    if compiled.search("") is not None:
        raise NullCause("pattern.empty-match", "the pattern matches the empty text")
    new = replacement_text(a_string(replacement), compiled, literal="q" in options)
    return compiled.sub(new, _searchable(text))


@builtin("split", "string", "delimiter")
def split(text: Value, delimiter: Value) -> Value:
    compiled = compile_pattern(a_string(delimiter), "")
    pieces: list[Value] = []
    position, whole = 0, _searchable(text)
    for match in compiled.finditer(whole):
        pieces.append(whole[position : match.start()])
        position = match.end()
    return [*pieces, whole[position:]]


def _searchable(text: Value) -> str:
    whole = a_string(text)
    if len(whole) > 10_000:
        raise NullCause("pattern.long-text", "a text of over 10,000 characters is not searched")
    return whole


@builtin("string join", "list", "delimiter?")
def string_join(items: Value, delimiter: Value = None) -> Value:
    """Join the texts of a list; nulls in it are left out."""
    joint = "" if delimiter is None else a_string(delimiter)
    return joint.join(a_string(item) for item in a_list(items) if item is not None)


@builtin("string", "from")
def string(value: Value) -> Value:
    return None if value is None else text_of(value)


@builtin("number", "from")
def number(text: Value) -> Value:
    if isinstance(text, Decimal):
        return text
    return _read(a_string(text))


@builtin("number", "from", "grouping separator", "decimal separator?")
def number_with_separators(text: Value, grouping: Value, point: Value = None) -> Value:
    digits = a_string(text)
    group = None if grouping is None else a_string(grouping)
    decimal = None if point is None else a_string(point)
    if group not in (None, " ", ",", ".") or decimal not in (None, ".", ","):
        raise NullCause("number.separator", "a separator must be a space, comma or point")
    if group is not None and group == decimal:
        raise NullCause("number.separator", "the two separators are the same")
    if group is not None:
        digits = digits.replace(group, "")
    if decimal is not None:
        digits = digits.replace(decimal, ".")
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
    return not a_boolean(value)
