"""Names and identifiers in the one form in which they are stored, searched and compared.

A name is kept as the person writes it, in any script. What nobody can see (zero-width spaces,
direction marks, doubled blanks) is removed, because two spellings that look alike must be alike.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

# Letters that Unicode does not decompose although readers of Latin script spell them plainly.
_PLAIN: Final = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ŋ": "n",
    }
)
# Zero-width joiner and non-joiner change the shape of Persian and Indic words: they are letters.
_JOINERS: Final = "\u200c\u200d"
# Combining classes of accents and of Hebrew and Arabic vowel points. The vowel signs of Thai, Khmer
# or Devanagari have other classes: removing them would remove the word.
_ACCENTS: Final = frozenset({*range(10, 36), 202, 216, 220, 228, 230, 232, 233, 234, 240})


class NotAName(Exception):
    """A name holds characters that no name has."""


class _Letters(dict[int, str | None]):
    """What becomes of each character, found out once: files bring the same ones a million times."""

    def __init__(self, rule: Callable[[str], str | None]) -> None:
        self._rule = rule

    def __missing__(self, code: int) -> str | None:
        self[code] = self._rule(chr(code))
        return self[code]


def _visible(character: str) -> str | None:
    invisible = unicodedata.category(character) == "Cf" and character not in _JOINERS
    return None if invisible else character


def _searched(character: str) -> str | None:
    if unicodedata.combining(character) in _ACCENTS or unicodedata.category(character) == "Cf":
        return None
    plain = character.translate(_PLAIN)
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain)


def _identifying(character: str) -> str | None:
    belongs = unicodedata.category(character)[0] in "LN" or character == "/"
    return character if belongs else None


_VISIBLE: Final = _Letters(_visible)
_SEARCHED: Final = _Letters(_searched)
_IDENTIFYING: Final = _Letters(_identifying)
# The control characters of Unicode (category Cc), and angle brackets.
_IN_NO_NAME: Final = re.compile("[\x00-\x1f\x7f-\x9f<>]")


def clean_name(text: str) -> str:
    """Return the name with single blanks and without invisible characters, in NFC.

    Raises NotAName for control characters and for "<" and ">".
    """
    words = " ".join(unicodedata.normalize("NFC", text.translate(_VISIBLE)).split())
    if _IN_NO_NAME.search(words):
        raise NotAName("The name holds control characters or angle brackets. Type it again.")
    return words


def search_form(text: str) -> str:
    """Return the form in which names are searched: lower case, no accents, words in order.

    Words are sorted: family name first or last, it is the same person.
    """
    words = unicodedata.normalize("NFKD", text.casefold()).translate(_SEARCHED)
    return unicodedata.normalize("NFC", " ".join(sorted(words.split())))


def identifier_form(text: str) -> str:
    """Return the form in which identifiers are compared: upper case, no blanks, no dashes.

    Full-width and other compatible digits become ordinary ones; invisible characters vanish.
    """
    return unicodedata.normalize("NFKC", text).translate(_IDENTIFYING).upper()


def number_form(text: str) -> str:
    """Return the form in which our own numbers are stored: as `identifier_form`, with dashes."""
    return "-".join(
        identifier_form(part) for part in unicodedata.normalize("NFKC", text).split("-")
    )
