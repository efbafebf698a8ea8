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
# Letters of Unicode that leave a blank: fillers of Korean syllables.
_FILLERS: Final = "\u115f\u1160\u3164\uffa0"
# Zero-width joiner and non-joiner change the shape of Persian and Indic words: they are letters.
_JOINERS: Final = "\u200c\u200d"
# Combining classes of accents and of Hebrew and Arabic vowel points. The vowel signs of Thai, Khmer
# or Devanagari have other classes: removing them would remove the word.
_ACCENTS: Final = frozenset({*range(10, 36), 202, 216, 220, 228, 230, 232, 233, 234, 240})


class NotAName(Exception):
    """A name holds characters that no name has, none that can be read, or too many."""


class _Letters(dict[int, str | None]):
    """What becomes of each character, found out once: files bring the same ones a million times."""

    def __init__(self, rule: Callable[[str], str | None]) -> None:
        self._rule = rule

    def __missing__(self, code: int) -> str | None:
        self[code] = self._rule(chr(code))
        return self[code]


def _visible(character: str) -> str | None:
    if character in _FILLERS:
        return None
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


def clean_words(text: str, *, at_most: int) -> str:
    """Return a text with single blanks and without invisible characters, in NFC; it may be empty.

    Raises NotAName for control characters, for "<" and ">", for a text without a letter or digit,
    and for one that in this form is longer than `at_most`.
    """
    words = " ".join(unicodedata.normalize("NFC", text.translate(_VISIBLE)).split())
    if _IN_NO_NAME.search(words):
        raise NotAName("The name holds control characters or angle brackets. Type it again.")
    if words and not any(character.isalnum() for character in words):
        raise NotAName("The name holds neither letter nor digit. Type it again.")
    if len(words) > at_most:
        raise NotAName(f"The name has more than {at_most} characters. Shorten it.")
    return words


def clean_name(text: str, *, at_most: int = 120) -> str:
    """Return a person's name as `clean_words` does. Raises NotAName without a letter, too."""
    name = clean_words(text, at_most=at_most)
    if name and not any(character.isalpha() for character in name):
        raise NotAName("The name holds no letter. Type it again.")
    return name


def search_form(text: str) -> str:
    """Return the form in which names are searched: lower case, no accents, words in order.

    Words are sorted: family name first or last, it is the same person.
    """
    words = unicodedata.normalize("NFKD", text.casefold()).translate(_SEARCHED)
    return unicodedata.normalize("NFC", " ".join(sorted(words.split())))


# How Unicode names the letters of a script, and the script's code of ISO 15924.
_SCRIPTS: Final = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "ETHIOPIC": "Ethi",
    "KHMER": "Khmr",
    "THAI": "Thai",
    "LAO": "Laoo",
    "MYANMAR": "Mymr",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "SINHALA": "Sinh",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "MALAYALAM": "Mlym",
    "KANNADA": "Knda",
    "TIBETAN": "Tibt",
    "MONGOLIAN": "Mong",
    "GEORGIAN": "Geor",
    "ARMENIAN": "Armn",
    "HEBREW": "Hebr",
    "HANGUL": "Hang",
    "CJK": "Hani",
    "HIRAGANA": "Hira",
    "KATAKANA": "Kana",
    "THAANA": "Thaa",
    "TIFINAGH": "Tfng",
    "NKO": "Nkoo",
}


def script_of(text: str) -> str:
    """Return the script that all letters of a text belong to (ISO 15924); empty: none, or several.

    Only letters tell a script: digits, dashes, accents and raised letters stand in many.
    """
    letters = (c for c in text if unicodedata.category(c) in {"Lo", "Lu", "Ll", "Lt"})
    names = {unicodedata.name(c, "").split(" ")[0] for c in letters}
    return _SCRIPTS.get(names.pop(), "") if len(names) == 1 else ""


def identifier_form(text: str) -> str:
    """Return the form in which identifiers are compared: upper case, no blanks, no dashes.

    Full-width and other compatible digits become ordinary ones; invisible characters vanish.
    """
    return unicodedata.normalize("NFKC", text).translate(_IDENTIFYING).upper()


def issuer_form(text: str) -> str:
    """Return who issued an identifier, in upper case: a country in two letters, or a name.

    Raises NotAName for a name of no known writing.
    """
    issuer = clean_words(unicodedata.normalize("NFKC", text).upper(), at_most=20)
    if not all(unicodedata.category(c)[0] in "LMN" or c in " .&'/-" for c in issuer):
        raise NotAName("The issuer holds characters that no name has. Type it again.")
    return issuer


def number_form(text: str) -> str:
    """Return the form in which our own numbers are stored: as `identifier_form`, with dashes."""
    return "-".join(
        identifier_form(part) for part in unicodedata.normalize("NFKC", text).split("-")
    )
