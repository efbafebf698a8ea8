"""`amparo verify`: the invariants of the product, checked against the database in force.

It looks as the owner of the tables, in one read-only snapshot, and shows counts and ids only. As
the application it would see no personal rows, and find nothing because it saw nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import psycopg
import typer
from rich.table import Table

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.installation import database, home, migrate, uses_own_server
from amparo.interfaces.cli.output import ExitCode, progress, results, show_json, stop_with

if TYPE_CHECKING:
    from amparo.values.verification import Check, Finding

INVARIANTS: Final = {
    1: "Decisions never change and can be made again.",
    2: "Every cent paid leads to an entitlement, a decision, a rule.",
    3: "Nothing is paid twice.",
    4: "The books balance; a run's total is that of its files and postings.",
    5: "A declaration's header equals its lines.",
    6: "Unmatched money and wages are visible.",
    7: "Whoever makes does not check.",
    8: "Empty, error or unknown never means pay, and never all.",
    9: "Money is decimal everywhere.",
    10: "An adverse decision carries reasons, law and appeal.",
    11: "Facts keep two times; the past is corrected, not rewritten.",
    12: "Every read of personal data has a person, a purpose and a row in the journal.",
}


class SeesTooLittle(Exception):
    """The database hides rows from the account that checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check with what it found."""

    check: "Check"
    finding: "Finding"


def verify(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """Check the product's invariants against the database; exit code 1 on any violation."""
    if uses_own_server() and not postgres.is_made(home=home()):
        stop_with(
            ExitCode.SET_UP,
            f"Nothing is installed in {home()}, so there is nothing to verify. Set AMPARO_HOME or "
            "DATABASE_URL to an installation, or build the demonstration with `amparo demo`.",
        )
    with database():
        migrate()
        url = os.environ.get("AMPARO_OWNER_DATABASE_URL", os.environ["DATABASE_URL"])
        try:
            with progress.status("Checking"):
                checked = list(check_all(owner_url=url))
        except SeesTooLittle as refusal:
            stop_with(ExitCode.SET_UP, str(refusal))
    if as_json:
        show_json(_as_data(checked))
    else:
        _tell(checked)
    violated = any(each.finding.violations for each in checked)
    raise typer.Exit(ExitCode.FINDINGS if violated else ExitCode.OK)


def all_checks() -> tuple["Check", ...]:
    """Return every room's checks, by invariant."""
    from amparo.delivery.claims import verification as claims
    from amparo.delivery.contributions import verification as contributions
    from amparo.delivery.decisions import verification as decisions
    from amparo.delivery.ledger import verification as ledger
    from amparo.delivery.payments import verification as payments
    from amparo.governance.kernel import verification as kernel
    from amparo.journal import verification as journal
    from amparo.register import verification as register

    rooms = (journal, register, ledger, decisions, contributions, claims, payments, kernel)
    checks = [check for room in rooms for check in room.CHECKS]
    return tuple(sorted(checks, key=lambda check: check.invariant))


def check_all(*, owner_url: str) -> Iterator[Checked]:
    """Run every check in one read-only snapshot of the database. Raises SeesTooLittle."""
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        cursor.execute("SELECT row_security_active('payments_instruction'::regclass)")
        if cursor.fetchone() == (True,):
            raise SeesTooLittle(
                "This account does not see personal rows, so it would find nothing wrong. Set "
                "AMPARO_OWNER_DATABASE_URL to the account that owns the tables."
            )
        for check in all_checks():
            yield Checked(check=check, finding=check.run(cursor))


def _tell(checked: list[Checked]) -> None:
    table = Table("", "Invariant and check", "Rows", "Violations")
    told: set[int] = set()
    for each in checked:
        number = each.check.invariant
        if number not in told:
            table.add_row(f"[bold]{number}[/]", f"[bold]{INVARIANTS[number]}[/]", "", "")
            told.add(number)
        bad = each.finding.violations
        table.add_row(
            "",
            each.check.name,
            f"{each.finding.rows:,}",
            f"[bold red]{bad:,}[/]" if bad else "0",
        )
        for example in each.finding.examples:
            table.add_row("", f"  {example}", "", "", style="red")
    results.print(table)
    total = sum(each.finding.violations for each in checked)
    results.print(
        f"[bold red]{total:,} violations.[/]" if total else "[bold green]No violation.[/]"
    )


def _as_data(checked: list[Checked]) -> dict[str, object]:
    return {
        "violations": sum(each.finding.violations for each in checked),
        "rows": sum(each.finding.rows for each in checked),
        "checks": [
            {
                "invariant": each.check.invariant,
                "sentence": INVARIANTS[each.check.invariant],
                "check": each.check.name,
                "rows": each.finding.rows,
                "violations": each.finding.violations,
                "examples": list(each.finding.examples),
            }
            for each in checked
        ],
    }
