"""What people write to one another: reasons, outcomes, titles."""

from typing import Final

# Letters of Unicode that leave a blank: fillers of Korean syllables.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")


def is_readable(text: str) -> bool:
    """Say whether a text holds a letter or digit: blanks and what nobody can see say nothing."""
    return any(character.isalnum() and character not in _BLANK_LETTERS for character in text)
