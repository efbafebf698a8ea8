"""Read the TOML of a pack: checked tables, and never a float."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from amparo.rules.packs.errors import UnusablePack

# Every text is there in these; a pack may add others, each under its two letters.
LANGUAGES: Final = ("en", "fr")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


def read_toml(text: str, *, where: str) -> dict[str, Any]:
    """Read TOML with numbers as decimals. Raises UnusablePack."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UnusablePack(
            code="pack.toml",
            message=f"The file is not TOML: {error}",
            remedy="Correct the line named.",
            where=where,
        ) from error


class Table:
    """One TOML table that knows its place and refuses what it does not expect."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self._content = dict(content)
        self.where = where
        self._read: set[str] = set()

    def _take(self, key: str, kind: type, default: Any) -> Any:
        self._read.add(key)
        value = self._content.get(key, default)
        if value is ...:
            raise self.refuse(f"The entry {key} is missing", f"Add {key}.")
        wrong = not isinstance(value, kind) or (kind is not bool and isinstance(value, bool))
        if value is not None and wrong:
            raise self.refuse(f"The entry {key} is not a {kind.__name__}", f"Correct {key}.")
        return value

    def string(self, key: str, default: Any = ...) -> str:
        return str(self._take(key, str, default))

    def boolean(self, key: str, *, default: bool) -> bool:
        return bool(self._take(key, bool, default))

    def whole(self, key: str, default: Any = ...) -> int:
        return int(self._take(key, int, default))

    def day(self, key: str, default: Any = ...) -> date | None:
        value: date | None = self._take(key, date, default)
        return value

    def anything(self, key: str, default: Any = ...) -> Any:
        return self._take(key, object, default) if key not in self._content else self._raw(key)

    def _raw(self, key: str) -> Any:
        self._read.add(key)
        return self._content[key]

    def texts(self, key: str) -> Mapping[str, str]:
        """Read a text by language."""
        inner = Table(self._take(key, dict, ...), f"{self.where}, {key}")
        found = inner.languages()
        inner.finish()
        return found

    def languages(self) -> Mapping[str, str]:
        """Read the entries named by a language: all the product is complete in, and any other."""
        others = (key for key in self._content if _LANGUAGE.fullmatch(key))
        wanted = dict.fromkeys((*LANGUAGES, *others))
        return {language: self.string(language) for language in wanted}

    def tables(self, key: str) -> Iterator["Table"]:
        for number, item in enumerate(self._take(key, list, []), start=1):
            yield Table(item, f"{self.where}, {key} {number}")

    def finish(self) -> None:
        """Refuse entries nobody asked for: a misspelt key must not be ignored."""
        unread = sorted(set(self._content) - self._read)
        if unread:
            raise self.refuse(f"Unknown entries: {', '.join(unread)}", "Correct or remove them.")

    def refuse(self, message: str, remedy: str) -> UnusablePack:
        return UnusablePack(code="pack.entry", message=message, remedy=remedy, where=self.where)
