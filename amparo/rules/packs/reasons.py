"""Reasons: stable codes, their law, and plain words in every language of the product."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from amparo.rules.packs.texts import Table, read_toml


@dataclass(frozen=True, slots=True)
class Reason:
    """text: the English words; texts: by language."""

    code: str
    text: str
    law: str
    texts: Mapping[str, str]


def read_reasons(text: str, *, where: str) -> Iterator[Reason]:
    table = Table(read_toml(text, where=where), where)
    for item in table.tables("reason"):
        texts = item.languages()
        reason = Reason(item.string("code"), texts["en"], item.string("law"), texts)
        item.finish()
        yield reason
    table.finish()
