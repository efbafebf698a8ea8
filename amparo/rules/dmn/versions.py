"""The namespaces of DMN 1.3, 1.4 and 1.5: which a file has, and the way from one to the other."""

from typing import Final

DMN_13: Final = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN_14: Final = "https://www.omg.org/spec/DMN/20211108/MODEL/"
DMN_15: Final = "https://www.omg.org/spec/DMN/20230324/MODEL/"
NAMESPACES: Final = {DMN_13: "1.3", DMN_14: "1.4", DMN_15: "1.5"}
DIAGRAM_13: Final = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
DIAGRAM_15: Final = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
FEEL_13: Final = "https://www.omg.org/spec/DMN/20191111/FEEL/"
FEEL_14: Final = "https://www.omg.org/spec/DMN/20211108/FEEL/"
FEEL_15: Final = "https://www.omg.org/spec/DMN/20230324/FEEL/"
FEEL_LANGUAGES: Final = frozenset({"feel", FEEL_13, FEEL_14, FEEL_15})

_TO_15: Final = {
    DMN_13: DMN_15,
    DMN_14: DMN_15,
    DIAGRAM_13: DIAGRAM_15,
    FEEL_13: FEEL_15,
    FEEL_14: FEEL_15,
}
_TO_13: Final = {DMN_15: DMN_13, DIAGRAM_15: DIAGRAM_13, FEEL_15: FEEL_13}


def namespaces_of_15(text: str) -> str:
    """Give the XML text of an older file with the namespaces of DMN 1.5."""
    return _exchanged(text, _TO_15)


def namespaces_of_13(text: str) -> str:
    """Give the XML text of a 1.5 file with the namespaces of DMN 1.3; its elements stay."""
    return _exchanged(text, _TO_13)


def _exchanged(text: str, exchange: dict[str, str]) -> str:
    for old, new in exchange.items():
        text = text.replace(old, new)
    return text
