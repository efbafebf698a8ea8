"""Parameters: rows with a law, days with a value, and no row that another hides."""

from collections.abc import Iterator, Sequence
from datetime import date

from amparo.rules.dmn.model import InputData
from amparo.rules.packs.lint.findings import Finding
from amparo.rules.packs.pack import Pack
from amparo.rules.packs.parameters import Parameter, Row


def parameter_findings(pack: Pack) -> Iterator[Finding]:
    used = {
        compiled.element.name
        for compiled in pack.library.elements.values()
        if isinstance(compiled.element, InputData)
    }
    files = _files(pack)
    for parameter in pack.parameters:
        file = files.get(parameter.name, "parameters.toml")
        if parameter.name not in used:
            remedy = "Remove it, or connect the decision that needs it."
            yield _found("warning", "unused", "no decision uses it", remedy, file, parameter)
        for row in parameter.rows:
            if not row.law:
                remedy = "Name the act, article or notice in its entry law."
                message = "a row has no legal source"
                yield _found("error", "no-law", message, remedy, file, parameter, row)
        adopted = [row for row in parameter.rows if row.is_adopted]
        if not parameter.gaps_allowed:
            yield from _gaps(adopted, file, parameter, pack.valid_from)
        # In a series every row counts, whatever comes after it.
        if not parameter.is_series:
            yield from _buried(adopted, file, parameter)


def _files(pack: Pack) -> dict[str, str]:
    """Give the file of each parameter, by the line that names it."""
    return {
        parameter.name: name
        for name, text in pack.files.items()
        if name.startswith("parameters")
        for parameter in pack.parameters
        if f'"{parameter.name}"' in text
    }


def _found(
    severity: str,
    code: str,
    message: str,
    remedy: str,
    file: str,
    parameter: Parameter,
    row: Row | None = None,
) -> Finding:
    return Finding(
        "error" if severity == "error" else "warning",
        f"parameter.{code}",
        message,
        remedy,
        model=file,
        element=f"parameter {parameter.name}",
        position="" if row is None else f"row from {row.valid_from.isoformat()}",
    )


def _gaps(rows: Sequence[Row], file: str, parameter: Parameter, starts: date) -> Iterator[Finding]:
    """Walk along the days: each row must begin before those before it have ended."""
    remedy = "Add the row with its law, or set gaps_allowed: then an officer looks."
    reached: date | None = starts
    for row in rows:
        if reached is not None and reached < row.valid_from:
            message = f"no value from {reached} until {row.valid_from}"
            yield _found("warning", "gap", message, remedy, file, parameter, row)
        ends = row.valid_to
        reached = None if reached is None or ends is None else max(reached, ends)
    if reached is not None and rows:
        message = f"no value from {reached} on"
        yield _found("warning", "ends", message, remedy, file, parameter, rows[-1])


def _buried(rows: Sequence[Row], file: str, parameter: Parameter) -> Iterator[Finding]:
    """Find rows that one with an earlier start and a later knowledge hides."""
    for later in rows:
        for row in rows:
            hides = row.valid_from < later.valid_from and row.known_from > later.known_from
            if hides and row.covers(later.valid_from):
                message = f"known later, it buries the row from {later.valid_from}"
                remedy = f"Let it end on {later.valid_from}, or record the later row once more."
                yield _found("warning", "buried", message, remedy, file, parameter, row)
