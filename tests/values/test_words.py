"""What says something to a reader, and what only looks as if it did."""

import pytest

from amparo.values import is_readable


@pytest.mark.parametrize(
    "text", ["Seen at the counter.", "7", "\u0645\u0631\u064a\u0645", "\u179f\u17bb\u1781\u17b6"]
)
def test_a_letter_or_digit_of_any_script_can_be_read(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "\u200b",
        "\u200b\u2060\ufeff",
        "\u3164",
        "\u2800",
        "\u034f\ufe0f",
        "\u00a0\u202e",
        "...",
        "\u2014",
    ],
)
def test_blanks_marks_and_what_nobody_can_see_say_nothing(text: str) -> None:
    assert not is_readable(text)
