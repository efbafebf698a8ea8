"""Names and identifiers in the one form in which they are stored, searched and compared.

A name is kept as the person writes it, in any script. What nobody can see (zero-width spaces,
direction marks, doubled blanks) is removed, because two spellings that look alike must be alike.
"""

import unicodedata
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


def clean_name(text: str) -> str:
    """Return the name with single blanks and without invisible characters, in NFC.

    Raises NotAName for control characters and for "<" and ">".
    """
    visible = "".join(c for c in text if c in _JOINERS or unicodedata.category(c) != "Cf")
    words = " ".join(unicodedata.normalize("NFC", visible).split())
    if any(unicodedata.category(c) == "Cc" or c in "<>" for c in words):
        raise NotAName("The name holds control characters or angle brackets. Type it again.")
    return words


def search_form(text: str) -> str:
    """Return the form in which names are searched: lower case, no accents, words in order.

    Words are sorted: family name first or last, it is the same person.
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(
        c
        for c in letters
        if unicodedata.combining(c) not in _ACCENTS and unicodedata.category(c) != "Cf"
    ).translate(_PLAIN)
    words = "".join(c if _belongs_to_a_word(c) else " " for c in plain)
    return unicodedata.normalize("NFC", " ".join(sorted(words.split())))


def identifier_form(text: str) -> str:
    """Return the form in which identifiers are compared: upper case, no blanks, no dashes.

    Full-width and other compatible digits become ordinary ones; invisible characters vanish.
    """
    letters = unicodedata.normalize("NFKC", text)
    return "".join(c for c in letters if unicodedata.category(c)[0] in "LN" or c == "/").upper()


def number_form(text: str) -> str:
    """Return the form in which our own numbers are stored: as `identifier_form`, with dashes."""
    return "-".join(
        identifier_form(part) for part in unicodedata.normalize("NFKC", text).split("-")
    )


def _belongs_to_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"
