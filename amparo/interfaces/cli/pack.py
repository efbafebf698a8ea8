"""`amparo pack` and `amparo evaluate`: rules read, checked and asked without a database."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.table import Table

from amparo.interfaces.cli.installation import schemes_folder
from amparo.interfaces.cli.output import ExitCode, results, show_json, stop_with
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import CheckReport, Pack, Result, check_pack, load_pack, render_check
from amparo.rules.trace import explain_page, explain_text

app = typer.Typer(no_args_is_help=True, help="Rule packs: schemes as decision models.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]
PackFolder = Annotated[
    Path, typer.Argument(help="A pack's folder, schemes/<country>/<scheme>/<version>.")
]


class BackendName(Enum):
    """The ways to run worked cases."""

    INTERPRETER = "interpreter"
    DUCKDB = "duckdb"
    SPARK = "spark"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is no date written as 2026-11-30.") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            f"“{text}” is no moment with its offset from UTC, such as 2026-11-30T12:00+03:00."
        )
    return moment


@app.command(name="list")
def list_packs(*, as_json: AsJson = False) -> None:
    """List the packs of this installation: country, scheme, version, from when, content hash."""
    packs = [(folder, load(folder)) for folder in pack_folders()]
    if as_json:
        show_json({"packs": [_identity(pack) for _, pack in packs]})
        return
    table = Table("Country", "Scheme", "Version", "Title", "Valid from", "Hash")
    for _, pack in packs:
        table.add_row(
            pack.country,
            pack.scheme,
            pack.version,
            pack.title,
            pack.valid_from.isoformat(),
            pack.hash[:12],
        )
    results.print(table)


@app.command()
def check(
    pack_dir: Annotated[
        Path | None, typer.Argument(help="A pack's folder. Without it, every pack is checked.")
    ] = None,
    *,
    cases: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Worked cases, one JSON object a line; else its own."
        ),
    ] = None,
    backend: Annotated[
        BackendName, typer.Option(help="Run the cases by the interpreter or in columns.")
    ] = BackendName.INTERPRETER,
    as_json: AsJson = False,
) -> None:
    """Lint a pack and run worked cases through it. Exit code 1 when anything fails."""
    if pack_dir is None and cases is not None:
        raise typer.BadParameter("Cases belong to one pack: name its folder, too.")
    folders = [pack_dir] if pack_dir is not None else pack_folders()
    reports = [_check(folder, cases, backend) for folder in folders]
    if as_json:
        show_json({"packs": [_report_for_machines(report) for report in reports]})
    else:
        for report in reports:
            typer.echo(render_check(report), nl=False)
    if not all(report.is_ok for report in reports):
        raise typer.Exit(ExitCode.FINDINGS)


_Decision = Annotated[str, typer.Argument(help="A decision that the pack declares.")]
_On = Annotated[date, typer.Option(parser=_day, metavar="DATE", help="The day whose law applies.")]
_KnownAt = Annotated[
    datetime | None,
    typer.Option(parser=_moment, metavar="MOMENT", help="What was known then; else all."),
]
_Inputs = Annotated[
    str, typer.Option(help="All inputs as one JSON object, or @FILE that holds it.")
]
_Given = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One input; may be repeated."),
]


def evaluate(
    pack_dir: PackFolder,
    decision: _Decision,
    *,
    on: _On,
    known_at: _KnownAt = None,
    inputs: _Inputs = "{}",
    given: _Given = None,
    as_json: AsJson = False,
) -> None:
    """Ask a pack for one decision. An input left out counts as not known.

    Refused and undetermined are answers: the exit code is 0 for them, too.
    """
    pack = load(pack_dir)
    result = _asked(pack, decision, inputs, given, on=on, known_at=known_at)
    if as_json:
        show_json(_result_for_machines(pack, result))
    else:
        _print_result(result)


@app.command()
def explain(
    pack_dir: PackFolder,
    decision: _Decision,
    *,
    on: _On,
    known_at: _KnownAt = None,
    inputs: _Inputs = "{}",
    given: _Given = None,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write it as a page to keep or print, too.")
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="en|fr", help="The language of the explanation.")
    ] = "en",
) -> None:
    """Ask for one decision and say why: facts, rules that matched or not, law, arithmetic."""
    refuse_no_place(html, option="--html")
    pack = load(pack_dir)
    result = _asked(pack, decision, inputs, given, on=on, known_at=known_at)
    trace = cast("Mapping[str, Any]", result.trace)  # made, as it was asked for
    explanation = pack.explain(trace, language=language)
    if html is not None:
        html.write_text(explain_page(trace, explanation, language=language), "utf-8")
    typer.echo(explain_text(explanation), nl=False)


def _asked(
    pack: Pack,
    decision: str,
    inputs: str,
    given: list[str] | None,
    *,
    on: date,
    known_at: datetime | None,
) -> Result:
    try:
        facts = pack.read_json_inputs(decision, _facts(inputs, given or []))
        return pack.evaluate(decision, facts, on=on, known_at=known_at)
    except RuleError as error:
        stop_with(ExitCode.USAGE, str(error))


def _facts(inputs: str, given: list[str]) -> dict[str, Any]:
    if inputs.startswith("@"):
        inputs = _content_of(Path(inputs[1:]))
    try:
        facts = json.loads(inputs, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--inputs is no JSON: {error}") from None
    if not isinstance(facts, dict):
        raise typer.BadParameter('--inputs is no JSON object, such as {"age": 63}.')
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"--set {pair}: write NAME=VALUE.")
        facts[name] = _value(text)
    return facts


def _content_of(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"--inputs @{file} cannot be read: {error}.") from None


def _value(text: str) -> Any:
    """Read a value as JSON (63, true, null, "63"), and anything else as the text it is."""
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError:
        return text


def _print_result(result: Result) -> None:
    typer.echo(f"{result.decision}: {result.outcome}")
    entries = result.value if isinstance(result.value, Mapping) else {"value": result.value}
    for name, value in entries.items():
        typer.echo(f"  {name} = {value}")
    for reason in result.reasons:
        typer.echo(f"  {reason.text} ({reason.law})")
    if result.missing:
        typer.echo(f"  missing: {', '.join(result.missing)}")


def _result_for_machines(pack: Pack, result: Result) -> dict[str, Any]:
    return {
        "pack": _identity(pack),
        "decision": result.decision,
        "on": result.on,
        "known_at": result.known_at,
        "outcome": result.outcome,
        "value": result.value,
        "reasons": [{"code": r.code, "text": r.text, "law": r.law} for r in result.reasons],
        "missing": result.missing,
        "trace": result.trace,
    }


def _identity(pack: Pack) -> dict[str, Any]:
    return {
        "country": pack.country,
        "scheme": pack.scheme,
        "version": pack.version,
        "title": pack.title,
        "valid_from": pack.valid_from,
        "hash": pack.hash,
    }


def _report_for_machines(report: CheckReport) -> dict[str, Any]:
    return {
        "scheme": report.scheme,
        "version": report.version,
        "hash": report.pack_hash,
        "passed": report.passed,
        "failed": report.failed,
        "asked_row_by_row": report.by_interpreter,
        "failures": [
            {"id": case.id, "origin": case.origin, "differences": case.differences}
            for case in report.cases
            if not case.passed
        ],
        "findings": [
            {"code": f.code, "severity": f.severity, "where": f.where, "message": f.message}
            for f in report.findings
        ],
    }


def _check(folder: Path, cases: Path | None, backend: BackendName) -> CheckReport:
    refuse_no_folder(folder)
    try:
        report = check_pack(folder, cases=cases, backend=backend.value)
    except UnicodeDecodeError:
        stop_with(ExitCode.FINDINGS, f"{cases} is not UTF-8 text. Save it as UTF-8.")
    except RuleError as error:
        stop_with(ExitCode.FINDINGS, f"{folder}: {error}")
    if cases is not None and not report.cases:
        stop_with(
            ExitCode.FINDINGS,
            f"{cases} holds no case, so nothing was checked. Give a file with one JSON object a "
            "line, or leave --cases out to run the pack's own.",
        )
    return report


def refuse_no_folder(folder: Path) -> None:
    if not folder.is_dir():
        stop_with(ExitCode.USAGE, f"There is no pack folder {folder}. Check the path.")
    if not any(folder.iterdir()):
        stop_with(ExitCode.USAGE, f"The folder {folder} is empty: it holds no pack.")


def refuse_no_place(file: Path | None, *, option: str) -> None:
    """Refuse to write where there is no folder, before the work is done for nothing."""
    if file is not None and not file.parent.is_dir():
        stop_with(
            ExitCode.USAGE,
            f"{option} {file}: there is no folder {file.parent}. Make it, or name another.",
        )


def load(folder: Path) -> Pack:
    refuse_no_folder(folder)
    try:
        return load_pack(folder)
    except RuleError as error:
        stop_with(ExitCode.FINDINGS, f"{folder}: {error}")


def pack_folders() -> list[Path]:
    folders = sorted(path.parent for path in schemes_folder().glob("*/*/*/scheme.toml"))
    if not folders:
        stop_with(ExitCode.SET_UP, f"There is no pack under {schemes_folder()}.")
    return folders
