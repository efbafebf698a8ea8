"""`amparo rules`: bring a rule pack into force: one person proposes, another approves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Table

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, results, show_json, stop_with

if TYPE_CHECKING:
    from amparo.rules.packs import Pack

app = typer.Typer(
    no_args_is_help=True,
    help="See which rule packs are in force; propose, approve and activate others.",
)

_Folder = Annotated[Path, typer.Argument(help="The folder of the pack.")]
_Number = Annotated[UUID, typer.Argument(help="The proposal, as `propose` named it.")]
_As = Annotated[str, typer.Option("--as", help="Whose mandate covers this.")]
_Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence for the record.")]
_From = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="Applies from; default the pack's own day."),
]


@app.command(name="list")
def in_force(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """List every pack version that was ever activated, by scheme, the latest first."""
    with _refusals():
        from amparo.rules.book.queries import packs_listed

        packs = packs_listed()
    if as_json:
        show_json(
            {
                "packs": [
                    {
                        "scheme": pack.scheme,
                        "version": pack.version,
                        "applies_from": pack.applies_from,
                        "activated_at": pack.activated_at,
                        "content_hash": pack.content_hash,
                    }
                    for pack in packs
                ]
            }
        )
        return
    table = Table("scheme", "version", "applies from", "activated", "content")
    for pack in packs:
        table.add_row(
            pack.scheme,
            pack.version,
            str(pack.applies_from),
            f"{pack.activated_at:%Y-%m-%d %H:%M}",
            pack.content_hash[:12],
        )
    results.print(table)


@app.command()
def propose(folder: _Folder, *, acting_as: _As, reason: _Reason, starts: _From = None) -> None:
    """Propose that a pack applies to its scheme from a day on."""
    with _refusals():
        from django.utils.timezone import now

        from amparo.governance.kernel.operations import propose_pack
        from amparo.interfaces.cli.acting import access_of

        pack = _pack(folder)
        resolution_id = propose_pack(
            pack=pack,
            applies_from=_day(pack, starts),
            reason=reason,
            access=access_of(username=acting_as, role="policy-officer"),
            at=now(),
        )
    results.print(f"Proposed as {resolution_id}. Somebody else approves it, here or on its page.")


@app.command()
def approve(
    proposal: _Number, folder: _Folder, *, acting_as: _As, reason: _Reason, starts: _From = None
) -> None:
    """Approve a proposal for exactly this pack and day, as somebody who did not propose it."""
    with _refusals():
        from django.utils.timezone import now

        from amparo.governance.kernel import operations
        from amparo.interfaces.cli.acting import access_of
        from amparo.rules.book.operations import activation_hash

        pack = _pack(folder)
        operations.approve(
            resolution_id=proposal,
            content_hash=activation_hash(pack=pack, applies_from=_day(pack, starts)),
            reason=reason,
            access=access_of(username=acting_as, role="policy-board"),
            at=now(),
        )
    results.print("Approved. `amparo rules activate` puts it into force.")


@app.command()
def activate(proposal: _Number, folder: _Folder, *, acting_as: _As, starts: _From = None) -> None:
    """Put an approved pack into force. Refused unless the approval names exactly this content."""
    with _refusals():
        from django.utils.timezone import now

        from amparo.governance.kernel.operations import activate_approved_pack
        from amparo.interfaces.cli.acting import access_of

        pack = _pack(folder)
        day = _day(pack, starts)
        activate_approved_pack(
            resolution_id=proposal,
            pack=pack,
            applies_from=day,
            access=access_of(username=acting_as, role="policy-officer"),
            at=now(),
        )
    results.print(f"{pack.scheme} {pack.version} is in force from {day}.")


@contextmanager
def _refusals() -> Iterator[None]:
    """Open the installation; end with a message where the gate, or somebody's mandate, refuses."""
    with database():
        migrate()
        from amparo.governance.kernel.operations import NoPass, UnableToDecide, UnableToPropose
        from amparo.rules.book.operations import UnableToActivate
        from amparo.rules.packs import UnusablePack
        from amparo.values import NotPermitted

        try:
            yield
        except (
            NoPass,
            NotPermitted,
            UnableToActivate,
            UnableToDecide,
            UnableToPropose,
            UnusablePack,
        ) as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))


def _pack(folder: Path) -> "Pack":
    from amparo.rules.packs import load_pack

    if not (folder / "scheme.toml").is_file():
        stop_with(ExitCode.USAGE, f"There is no pack in {folder}: it has no scheme.toml.")
    return load_pack(folder)


def _day(pack: "Pack", starts: datetime | None) -> date:
    return starts.date() if starts else pack.valid_from
