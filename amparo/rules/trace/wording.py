"""How the values and expressions of a trace are written for people, in English and French.

A trace keeps values as JSON and expressions as FEEL text. Both are written here as a reader
expects them: days as 25 Aug 2024, lengths of time in words, names by their titles, operators and
the common functions in words. What is not known here is shown as it stands, never hidden.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": (
        "jan.",
        "fév.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ),
}
_SEPARATORS: Final = {"en": (",", "."), "fr": (_NO_BREAK, ",")}

PHRASES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "true": "yes",
        "false": "no",
        "null": "not known",
        "any": "any",
        "over": "over {0}",
        "[)": "from {0} to under {1}",
        "[]": "from {0} to {1}",
        "()": "over {0}, under {1}",
        "(]": "over {0}, up to {1}",
        "under": "under {0}",
        "and over": "{0} or over",
        "and under": "{0} or under",
        "so called": "{0} ({1})",
        "min": "the lower of {0} and {1}",
        "max": "the higher of {0} and {1}",
        "floor": "{0}, rounded down to {1}",
        "ceiling": "{0}, rounded up to {1}",
        "round half up": "{0}, rounded to {1}",
        "round half even": "{0}, rounded to {1}, halves to even",
        "decimal": "{0}, rounded to {1}, halves to even",
        "round half down": "{0}, rounded to {1}, halves towards zero",
        "round up": "{0}, rounded away from zero to {1}",
        "round down": "{0}, cut to {1}",
        "time between": "time between the two days",
        "from day to day": "from {0} to {1}",
        "first of month": "first day of the month of {0}",
        "0 decimals": "a whole number",
        "1 decimals": "1 decimal",
        "decimals": "{0} decimals",
        "Y": "{0} year|{0} years",
        "M": "{0} month|{0} months",
        "D": "{0} day|{0} days",
        "h": "{0} hour|{0} hours",
        "m": "{0} minute|{0} minutes",
        "s": "{0} second|{0} seconds",
        "monthly": "{0} a month",
        "quarterly": "{0} a quarter",
        "yearly": "{0} a year",
        "once": "{0}, paid once",
        "years": "{0} years",
        "months": "{0} months",
        "percent": "{0} %",
        "of them": "{0} %",
    },
    "fr": {
        "true": "oui",
        "false": "non",
        "null": "inconnu",
        "any": "indifférent",
        "over": "plus de {0}",
        "[)": "de {0} à moins de {1}",
        "[]": "de {0} à {1}",
        "()": "plus de {0}, moins de {1}",
        "(]": "plus de {0}, au plus {1}",
        "under": "moins de {0}",
        "and over": "{0} ou plus",
        "and under": "{0} ou moins",
        "so called": "{0} ({1})",
        "min": "le plus petit de {0} et {1}",
        "max": "le plus grand de {0} et {1}",
        "floor": "{0}, arrondi vers le bas à {1}",
        "ceiling": "{0}, arrondi vers le haut à {1}",
        "round half up": "{0}, arrondi à {1}",
        "round half even": "{0}, arrondi à {1}, les moitiés au pair",
        "decimal": "{0}, arrondi à {1}, les moitiés au pair",
        "round half down": "{0}, arrondi à {1}, les moitiés vers zéro",
        "round up": "{0}, arrondi à {1} en s'éloignant de zéro",
        "round down": "{0}, tronqué à {1}",
        "time between": "temps entre les deux jours",
        "from day to day": "du {0} au {1}",
        "first of month": "premier jour du mois de {0}",
        "0 decimals": "un nombre entier",
        "1 decimals": "1 décimale",
        "decimals": "{0} décimales",
        "Y": "{0} an|{0} ans",
        "M": "{0} mois|{0} mois",
        "D": "{0} jour|{0} jours",
        "h": "{0} heure|{0} heures",
        "m": "{0} minute|{0} minutes",
        "s": "{0} seconde|{0} secondes",
        "monthly": "{0} par mois",
        "quarterly": "{0} par trimestre",
        "yearly": "{0} par an",
        "once": "{0}, versé une fois",
        "years": "{0} ans",
        "months": "{0} mois",
        "percent": "{0} %",
        "of them": "{0} %",
    },
}

_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")
_LENGTH: Final = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?"
)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_RANGE: Final = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])")
_COMPARED: Final = re.compile(r"(<=|>=|<|>|=)\s*(.+)")
_ROUNDINGS: Final = frozenset(
    {
        *("floor", "ceiling", "decimal", "round up", "round down"),
        *("round half up", "round half down", "round half even"),
    }
)
_SHOWN_PARTS: Final = ("Y", "M", "D", "h", "m", "s")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one reader. titles: what a name is called. known: values of parameters by name.

    reasons: the text of each reason code. currency: of the pack.
    """

    language: str
    titles: Mapping[str, str]
    known: Mapping[str, str]
    reasons: Mapping[str, str]
    currency: str

    # --- values ---------------------------------------------------------------------------------

    def phrase(self, key: str, *parts: str) -> str:
        return PHRASES[self.language][key].format(*parts)

    def value(self, value: Any, kind: str = "") -> str:
        """Write an encoded value. kind: its FEEL type, where the trace tells it."""
        match value:
            case None:
                return self.phrase("null")
            case bool():
                return self.phrase("true" if value else "false")
            case list():
                return ", ".join(self.value(item) for item in value)
            case dict():
                return "; ".join(
                    f"{self.name(key)}: {self.value(item)}" for key, item in value.items()
                )
            case _:
                return self._text(str(value), kind)

    def _text(self, text: str, kind: str) -> str:
        if kind == "string":
            return self.reasons.get(text, text)
        if text in self.reasons:
            return self.reasons[text]
        if _DAY.fullmatch(text):
            return self.day(text)
        if instant := _INSTANT.match(text):
            return f"{self.day(instant[1])}, {instant[2]}"
        if _NUMBER.fullmatch(text):
            return self.number(text)
        return self.length(text) or text

    def day(self, text: str) -> str:
        """Write 2024-08-25 as 25 Aug 2024; what is no such day stays."""
        found = _DAY.fullmatch(text)
        if not found or not 1 <= int(found[2]) <= len(MONTHS[self.language]):
            return text
        month = MONTHS[self.language][int(found[2]) - 1]
        return _NO_BREAK.join((str(int(found[3])), month, found[1]))

    def number(self, text: str, *, decimals: int | None = None) -> str:
        """Group the digits of a number as the language does; every digit stays."""
        group, point = _SEPARATORS[self.language]
        sign, digits = ("\N{MINUS SIGN}", text[1:]) if text.startswith("-") else ("", text)
        whole, _dot, fraction = digits.partition(".")
        if decimals is not None and len(fraction) < decimals:
            fraction = fraction.ljust(decimals, "0")
        grouped = f"{int(whole):,}".replace(",", group)
        return f"{sign}{grouped}{point}{fraction}" if fraction else f"{sign}{grouped}"

    def money(self, text: str) -> str:
        return f"{self.number(text, decimals=2)}{_NO_BREAK}{self.currency}"

    def length(self, text: str) -> str:
        """Write P2Y2M as "2 years 2 months"; "" for what is no length of time."""
        found = _LENGTH.fullmatch(text)
        if found is None or text in {"P", "-P"} or text.endswith("T"):
            return ""
        parts = [
            self._counted(unit, count)
            for unit, count in zip(_SHOWN_PARTS, found.groups()[1:], strict=True)
            if count and int(count)
        ]
        sign = "\N{MINUS SIGN}" if found[1] else ""
        return sign + (" ".join(parts) or self._counted("D" if "D" in text else "M", "0"))

    def _counted(self, unit: str, count: str) -> str:
        one, many = PHRASES[self.language][unit].split("|")
        few = int(count) == 1 or (self.language == "fr" and int(count) == 0)
        return (one if few else many).format(count)

    def measured(self, value: Any, unit: str, kind: str = "") -> str:
        """Write the value of a parameter with its unit; a share as a percentage."""
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            return self.value(value, kind)
        if unit == f"{self.currency} a month":
            return self.phrase("monthly", self.money(value))
        if unit == f"{self.currency} a year":
            return self.phrase("yearly", self.money(value))
        if unit in {"years", "months", "percent"}:
            return self.phrase(unit, self.number(value))
        if unit.split(" ", maxsplit=1)[0] == "share":
            return self.phrase("of them", self.number(_hundredfold(value)))
        return self.number(value)

    # --- names ----------------------------------------------------------------------------------

    def name(self, name: str) -> str:
        """Return what a name is called: its title, or the name itself with spaces."""
        return self.titles.get(name) or name.replace("_", " ")

    # --- expressions ------------------------------------------------------------------------------

    def test(self, text: str) -> str:
        """Write one test of a decision table, such as ``[12..upper_age)``."""
        text = text.strip()
        if text in {"-", ""}:
            return self.phrase("any")
        if found := _RANGE.fullmatch(text):
            # FEEL also writes ]a..b[ for (a..b).
            bounds = ("[" if found[1] == "[" else "(") + ("]" if found[4] == "]" else ")")
            words = self.phrase(bounds, self._figure(found[2]), self._figure(found[3]))
            return self._with_names(words, found[2], found[3])
        if found := _COMPARED.fullmatch(text):
            key = {"<": "under", ">": "over", "<=": "and under", ">=": "and over"}.get(found[1])
            figure = self._figure(found[2])
            return self._with_names(self.phrase(key, figure) if key else figure, found[2])
        return self.output(text)

    def output(self, text: str) -> str:
        """Write one output of a decision table: a literal, a parameter with its value, a sum."""
        text = text.strip()
        return "\N{EN DASH}" if text == "null" else self._with_names(self._figure(text), text)

    def _figure(self, text: str) -> str:
        return self.known.get(text) or self.expression(text)

    def _with_names(self, words: str, *operands: str) -> str:
        """Add what the figures are called, where they are set by law."""
        names = [self.name(one) for one in operands if one in self.known]
        return self.phrase("so called", words, "; ".join(names)) if names else words

    def expression(self, text: str) -> str:
        """Write FEEL text with titles for names, signs for operators, words for functions."""
        call = self._first_call(text)
        if call is None:
            return self._plain(text)
        start, end, name, arguments = call
        inside = self._called(name, [self.expression(one) for one in arguments], arguments)
        before, after = text[:start], text[end:]
        is_day = name == "date" and bool(self._written_day(arguments))
        if (before.strip() or after.strip()) and not is_day:
            inside = f"({inside})"
        return f"{self._plain(before)}{inside}{self.expression(after)}"

    def _called(self, name: str, arguments: Sequence[str], raw: Sequence[str]) -> str:
        if name == "years and months duration" and len(arguments) == 2:
            if all(_DAY.fullmatch(one.strip()) for one in raw):
                return self.phrase("from day to day", *arguments)
            return self.phrase("time between")
        if name in {"min", "max"} and len(arguments) == 2:
            return self.phrase(name, *arguments)
        if name in _ROUNDINGS:
            return self.phrase(name, arguments[0], self._places(raw[1:]))
        if name == "date" and (words := self._written_day(raw) or self._first_of_month(raw)):
            return words
        return f"{name} ({'; '.join(arguments)})"

    def _written_day(self, raw: Sequence[str]) -> str:
        """Write date(2024, 8, 1) and date("2024-08-01") as a day; "" for what must be computed."""
        if len(raw) == 1 and _DAY.fullmatch(raw[0].strip('"')):
            return self.day(raw[0].strip('"'))
        if len(raw) == 3 and all(one.isdigit() for one in raw):
            return self.day(f"{int(raw[0]):04}-{int(raw[1]):02}-{int(raw[2]):02}")
        return ""

    def _first_of_month(self, raw: Sequence[str]) -> str:
        """Write date(born.year, born.month, 1) as what it is; "" for anything else."""
        name = raw[0].removesuffix(".year")
        if tuple(raw) == (f"{name}.year", f"{name}.month", "1"):
            return self.phrase("first of month", self.expression(name))
        return ""

    def _places(self, raw: Sequence[str]) -> str:
        count = raw[0].strip() if raw else "0"
        if count in {"0", "1"}:
            return self.phrase(f"{count} decimals")
        return self.phrase("decimals", self.expression(count))

    def _first_call(self, text: str) -> tuple[int, int, str, list[str]] | None:
        """Find the first call of a known function: where it starts and ends, its arguments."""
        found = _CALL.search(text)
        if found is None:
            return None
        depth, begins, arguments = 1, found.end(), list[str]()
        for position in range(found.end(), len(text)):
            letter = text[position]
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
            if (letter == "," and depth == 1) or depth == 0:
                arguments.append(text[begins:position].strip())
                begins = position + 1
            if depth == 0:
                return found.start(), position + 1, found[1], arguments
        return None

    def _plain(self, text: str) -> str:
        return "".join(self._pieces(_CALLED.sub(" (", text)))

    def _pieces(self, text: str) -> Iterator[str]:
        """Write piece by piece, so that nothing written is read again as FEEL."""
        spaced = tuple(sorted((name for name in self.titles if " " in name), key=len, reverse=True))
        for found in _pieces_with(spaced).finditer(text):
            kind, piece = str(found.lastgroup), found[0]
            match kind:
                case "literal":
                    yield self.value(piece[2:-1])
                case "year":
                    yield piece
                case "string":
                    yield self.value(piece[1:-1], "string")
                case "day" | "number" | "length":
                    yield self.value(piece)
                case "spaced":
                    yield self.name(piece)
                case "word":
                    literal = piece in {"true", "false", "null"}
                    yield self.phrase(piece) if literal else self.name(piece)
                case "sign":
                    yield _SIGNS[piece]
                case _:
                    yield piece


_FUNCTIONS: Final = (
    "years and months duration",
    "round half even",
    "round half down",
    "round half up",
    "round down",
    "round up",
    "decimal",
    "ceiling",
    "floor",
    "min",
    "max",
    "date",
)
# One point before a name makes it a part of something; two are those of a range.
_CALL: Final = re.compile(rf"(?<!\w)(?<!(?<!\.)\.)({'|'.join(_FUNCTIONS)})\s*\(")
_CALLED: Final = re.compile(r"(?<=\w)\(")
_SIGNS: Final = {
    "*": "\N{MULTIPLICATION SIGN}",
    "/": "÷",
    "-": "\N{MINUS SIGN}",
    "<=": "≤",
    ">=": "≥",
    "!=": "≠",
}
_PIECE: Final = re.compile(
    r"""(?P<literal>@"[^"]*")|(?P<string>"[^"]*")|(?P<day>\d{4}-\d\d-\d\d(?:T\d\d:\d\d\S*)?)"""
    r"""|(?P<length>-?P(?=\d|T\d)[0-9YMDTHS.]+)"""
    # Four digits alone may be a year; grouped they would read as an amount.
    r"""|(?P<year>(?<!\w)(?<!\.)\d{4}(?![\w.]))"""
    r"""|(?P<number>\d+(?:\.\d+)?(?![\w.]))|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<sign><=|>=|!=|[*/]|-(?=\s))|(?P<other>\d+|\s+|.)"""
)


@lru_cache(maxsize=64)
def _pieces_with(names: tuple[str, ...]) -> re.Pattern[str]:
    """Give the pattern of pieces that also knows names of several words, the longest first."""
    if not names:
        return _PIECE
    spaced = "|".join(re.escape(name) for name in names)
    literal, _, rest = _PIECE.pattern.partition("|(?P<day>")
    return re.compile(rf"{literal}|(?P<spaced>(?<!\w)(?:{spaced})(?!\w))|(?P<day>{rest}")


def _hundredfold(text: str) -> str:
    """Shift the point of a share by two places, as text: no figure is computed here."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _dot, fraction = digits.partition(".")
    fraction = fraction.ljust(2, "0")
    rest = fraction[2:].rstrip("0")
    shifted = (whole + fraction[:2]).lstrip("0") or "0"
    return f"{sign}{shifted}.{rest}" if rest else f"{sign}{shifted}"
