"""How names are spelled for comparing: in Latin letters, and by their consonants; how far apart.

Both measures answer exactly as DuckDB's functions of the same names do, because the sweep computes
them there and the check at the counter computes them here. They see Latin letters only: DuckDB
measures bytes.
"""

import re
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from amparo.register.naming import search_form

# N'Diaye is one word, Diaye-Sow are two.
_WITHIN_A_WORD: Final = re.compile("['`\u2018\u2019\u02bb\u02bc\u00b4]")
_BETWEEN_WORDS: Final = re.compile(r"[-\u2010-\u2015./,;:()_]+")
_NOT_A_WORD: Final = re.compile("[^a-z0-9]+")
# Letters that one ear or office writes for another, wherever they stand.
_SOUNDS: Final = (
    (re.compile("ph"), "f"),
    (re.compile("(?:tch|sch|sh|ch|dj|j)"), "x"),
    (re.compile("(?:ck|kh|qu|gh|[cqg])"), "k"),
    (re.compile("[zs]h?"), "s"),
    (re.compile("[vb]h?"), "b"),
    (re.compile("[dt]h?"), "t"),
    (re.compile("[aeiouwyh]+"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_VOWEL_FIRST: Final = re.compile("^h?[aeiouwy]")


@lru_cache(maxsize=200_000)
def latin_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small Latin letters, in their order.

    Other scripts are written letter by letter as they are usually romanised; a text that nobody has
    romanised yet becomes the numbers of its letters, so that it still equals itself.
    """
    plain = _plain(text)
    words = tuple(_NOT_A_WORD.sub(" ", anyascii(plain).lower()).split())
    if words or not plain:
        return words
    return tuple("x" + "x".join(f"{ord(letter):x}" for letter in word) for word in plain.split())


def _plain(text: str) -> str:
    """Drop what search drops, word by word, so that the order of the words stays."""
    words = _BETWEEN_WORDS.sub(" ", _WITHIN_A_WORD.sub("", text)).split()
    return " ".join(search_form(word) for word in words)


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Return what two spellings of a name share: its consonants, those that sound alike as one.

    A vowel at the beginning counts as one sign; a word without a consonant is that sign or itself.
    """
    bones = word
    for sound, sign in _SOUNDS:
        bones = sound.sub(sign, bones)
    return ("a" + bones) if _VOWEL_FIRST.match(word) else bones or word


@lru_cache(maxsize=500_000)
def jaro_winkler(first: str, second: str) -> float:
    """Return the Jaro-Winkler similarity of two Latin texts, from 0 to 1."""
    similarity = _jaro(first, second)
    if similarity <= 0.7:
        return similarity
    prefix = 0
    for a, b in zip(first[:4], second[:4], strict=False):
        if a != b:
            break
        prefix += 1
    return similarity + prefix * 0.1 * (1.0 - similarity)


def _jaro(first: str, second: str) -> float:
    reach = max(max(len(first), len(second)) // 2 - 1, 0)
    taken = [False] * len(second)
    matched: list[str] = []
    for place, letter in enumerate(first):
        for other in range(max(0, place - reach), min(len(second), place + reach + 1)):
            if not taken[other] and second[other] == letter:
                taken[other] = True
                matched.append(letter)
                break
    if not matched:
        return 0.0
    there = [letter for letter, is_taken in zip(second, taken, strict=True) if is_taken]
    moved = sum(a != b for a, b in zip(matched, there, strict=True)) // 2
    count = len(matched)
    return (count / len(first) + count / len(second) + (count - moved) / count) / 3.0


@lru_cache(maxsize=500_000)
def damerau_levenshtein(first: str, second: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped with their neighbour."""
    width = len(second)
    last_row: dict[str, int] = {}
    far = len(first) + width
    table = [[far] * (width + 2) for _row in range(len(first) + 2)]
    for i in range(len(first) + 1):
        table[i + 1][1] = i
    for j in range(width + 1):
        table[1][j + 1] = j
    for i, a in enumerate(first, start=1):
        last_column = 0
        for j, b in enumerate(second, start=1):
            row, column = last_row.get(b, 0), last_column
            if a == b:
                last_column = j
            table[i + 1][j + 1] = min(
                table[i][j] + (a != b),
                table[i + 1][j] + 1,
                table[i][j + 1] + 1,
                table[row][column] + (i - row - 1) + 1 + (j - column - 1),
            )
        last_row[a] = i
    return table[len(first) + 1][width + 1]
