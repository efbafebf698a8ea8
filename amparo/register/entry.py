"""Entry filters: what is asked of a record at the moment it arrives, by whichever way it comes.

The filters are a rule pack like any other: one FEEL text each, with its article and worked cases,
proposed by one person and approved by another, in force from a day on. Each answers “sound”,
“not applicable”, “warn” or “block”; anything else, null and an error included, blocks. One record
is asked through the interpreter, a file through the same texts compiled to columns.

Which pack: the setting ENTRY_FILTERS. Where it names one and it is not in force, nobody is
registered.
An installation that names none relies on what the operations check themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amparo.register.records import NewPerson, PersonRow
from amparo.rules.book.queries import NoPackInForce, pack_in_force
from amparo.rules.packs import Pack

WARN: Final = "warn"
BLOCK: Final = "block"
_PASSED: Final = frozenset({"sound", "not applicable"})
_TODAY: Final = "today"
# So many rows of a file are asked at once: enough for columns to pay, little enough for memory.
BATCH: Final = 20_000


class NoEntryFilters(Exception):
    """The setting names entry filters and none are in force: nobody is registered unasked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFinding:
    """What a filter found wrong. level: WARN or BLOCK; field: where to look.

    demanded: what should hold, in the reader's language.
    """

    rule: str
    level: str
    field: str
    demanded: str


class EntryRefused(Exception):
    """Entry filters block the record."""

    def __init__(self, findings: Sequence[EntryFinding]) -> None:
        self.findings = tuple(findings)
        demanded = "; ".join(finding.demanded for finding in findings)
        super().__init__(
            _("The record is not taken in, for it must hold: %(demanded)s. Correct it.")
            % {"demanded": demanded}
        )


def person_findings(*, person: NewPerson, at: datetime) -> tuple[EntryFinding, ...]:
    """Ask the filters in force about a person to register. Raises NoEntryFilters."""
    pack = _in_force(at)
    if pack is None:
        return ()
    on = localdate(at)
    given = {
        "given_names": person.given_names.strip().lower(),
        "family_name": person.family_name.strip().lower(),
        "sex": person.sex,
        "birth_date": person.birth_date,
        "has_identifier": bool(person.identifiers),
        "district": person.residence.district.strip() if person.residence else "",
        _TODAY: on,
    }
    return tuple(
        _finding(pack, declared.name, level)
        for declared in pack.manifest.decisions
        for level in [
            _level(
                pack.evaluate(
                    declared.name,
                    {one.name: given[one.name] for one in declared.inputs},
                    on=on,
                    known_at=at,
                    trace=False,
                ).value
            )
        ]
        if level
    )


def refuse_blocked(findings: Sequence[EntryFinding]) -> None:
    """Raise EntryRefused where a filter blocks."""
    blocking = [finding for finding in findings if finding.level == BLOCK]
    if blocking:
        raise EntryRefused(blocking)


class FileFilters:
    """The filters in force, asked about the rows of a file as they pass.

    blocked: (row, finding) of each blocked row; warned: how often each filter warned. Empty and
    untouched where the installation names no filters.
    """

    def __init__(self, *, at: datetime) -> None:
        self.blocked: list[tuple[int, EntryFinding]] = []
        self.warned: dict[str, int] = {}
        self._pack = _in_force(at)
        self._on, self._at = localdate(at), at

    def passing(self, rows: Iterator[PersonRow]) -> Iterator[PersonRow]:
        """Yield the rows unchanged; ask about them batch by batch on the way."""
        if self._pack is None:
            yield from rows
            return
        batch: list[PersonRow] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                self._ask(self._pack, batch)
                yield from batch
                batch = []
        self._ask(self._pack, batch)
        yield from batch

    def _ask(self, pack: Pack, batch: Sequence[PersonRow]) -> None:
        if not batch:
            return
        rules = [declared.name for declared in pack.manifest.decisions]
        # One record is asked without DuckDB and Arrow; they are loaded where a file is.
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  # it ships no types

        from amparo.rules.backends.plan import arrow_schema  # noqa: PLC0415

        plan = pack.compile(rules, on=self._on, known_at=self._at)
        wanted = arrow_schema(plan.schema)
        columns = _columns(batch, self._on)
        table = pa.table({name: columns[name] for name in wanted.names}, schema=wanted)
        answers = plan.run(table).table
        assert answers is not None  # noqa: S101 — without a sink a run holds its table
        for rule in rules:
            self._keep(pack, rule, batch, answers.column(rule))

    def _keep(self, pack: Pack, rule: str, batch: Sequence[PersonRow], answers: Any) -> None:
        """Note who does not pass; most rows do, and are never looked at one by one."""
        counted = answers.combine_chunks().dictionary_encode()
        levels = [_level(word) for word in counted.dictionary.to_pylist()]
        if not any(levels) and counted.null_count == 0:
            return
        for place, index in enumerate(counted.indices.to_pylist()):
            level = BLOCK if index is None else levels[index]
            if level == WARN:
                self.warned[rule] = self.warned.get(rule, 0) + 1
            elif level == BLOCK:
                self.blocked.append((batch[place].row, _finding(pack, rule, BLOCK)))

    def warnings(self) -> tuple[tuple[str, int], ...]:
        """Return what was demanded and not found, in the reader's language, with its count."""
        pack = self._pack
        if pack is None:
            return ()
        return tuple(
            (_finding(pack, rule, WARN).demanded, count)
            for rule, count in sorted(self.warned.items())
        )


def _columns(batch: Sequence[PersonRow], on: date) -> Mapping[str, list[Any]]:
    return {
        "given_names": [row.given_names.lower() for row in batch],
        "family_name": [row.family_name.lower() for row in batch],
        "sex": [row.sex for row in batch],
        "birth_date": [row.birth_date for row in batch],
        "has_identifier": [row.national_id != "" for row in batch],
        "district": [row.district for row in batch],
        _TODAY: [on] * len(batch),
    }


def _in_force(at: datetime) -> Pack | None:
    """Return the filters in force; None where the installation names none."""
    scheme = settings.ENTRY_FILTERS
    if not scheme:
        return None
    try:
        return pack_in_force(scheme=scheme, on=localdate(at), known_at=at).pack
    except NoPackInForce:
        raise NoEntryFilters(
            _(
                "Nobody can be registered: the entry filters “%(scheme)s” are not in force. Have "
                "them approved and activated, as any rule pack."
            )
            % {"scheme": scheme}
        ) from None


def _level(answer: object) -> str:
    """Return WARN or BLOCK, or nothing where the record passes; no answer never passes."""
    if answer in _PASSED:
        return ""
    return WARN if answer == WARN else BLOCK


def _finding(pack: Pack, rule: str, level: str) -> EntryFinding:
    declared = pack.manifest.decision(rule)
    assert declared is not None  # noqa: S101 — the rule is one of the pack's own
    language = (get_language() or "en").partition("-")[0]
    fields = [one.name for one in declared.inputs if one.name != _TODAY]
    return EntryFinding(
        rule=rule,
        level=level,
        field=fields[0] if fields else "",
        demanded=declared.titles.get(language, declared.title),
    )
