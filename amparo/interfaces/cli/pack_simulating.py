"""`amparo pack simulate`: what a change of the law would cost, and who would win and lose."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from amparo.interfaces.cli.installation import database, migrate, schemes_folder
from amparo.interfaces.cli.output import ExitCode, progress, say, show_json, stop_with
from amparo.interfaces.cli.pack import AsJson, PackFolder, load, refuse_no_place
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import Pack
from amparo.rules.simulation.compare import MOST_AFFECTED, simulate
from amparo.rules.simulation.invented import made_up
from amparo.rules.simulation.population import Population, read_population
from amparo.rules.simulation.report import as_data, as_page, as_text
from amparo.rules.simulation.results import Simulation


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is no date written as 2026-11-30.") from None


def simulate_pack(  # noqa: PLR0913 - one for each choice on the command line
    draft: PackFolder,
    *,
    against: Annotated[
        str,
        typer.Option(
            metavar="VERSION|FOLDER",
            help="What it would replace: a folder, or a version of the scheme here or in force.",
        ),
    ],
    on: Annotated[
        date, typer.Option(parser=_day, metavar="DATE", help="The day whose law applies.")
    ],
    benefit: Annotated[
        str | None, typer.Option(help="The code of the benefit; needed if there are several.")
    ] = None,
    population: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Cases as .parquet or .csv, by input."),
    ] = None,
    synthetic: Annotated[
        int | None, typer.Option(min=1, help="Make up so many people instead.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same people made up.")] = 1,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Everybody registered, as if they claimed that day.")
    ] = False,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="Ask every case as if it were claimed on that day.")
    ] = False,
    acting_as: Annotated[
        str | None, typer.Option("--as", help="Whose mandate covers reading the register.")
    ] = None,
    role: Annotated[str | None, typer.Option(help="Which of that person's roles.")] = None,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a page with charts there, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two packs over a population: cost, winners and losers, distribution, single cases.

    Without --population or --synthetic, the caseload of the register: awards in payment and claims
    proposed or refused, each with the facts frozen in its decisions. Nothing is written there.
    """
    chosen = [population is not None, synthetic is not None, everybody]
    if sum(chosen) > 1:
        raise typer.BadParameter("Choose one of --population, --synthetic and --everybody.")
    refuse_no_place(html, option="--html")
    pack = load(draft)
    try:
        if population is None and synthetic is None:
            if acting_as is None:
                raise typer.BadParameter("--as: say whose mandate covers reading the register.")
            found = _over_the_register(
                pack, against, on, benefit, acting_as, role, everybody=everybody, as_new=as_new
            )
        else:
            before = _sibling(pack, against)
            code = _code(pack, benefit)
            packs = (before, pack)
            people = (
                read_population(population, packs=packs, benefit=code)
                if population is not None
                else made_up(packs=packs, benefit=code, count=synthetic or 1, seed=seed, on=on)
            )
            found = _simulated(packs, code, people, on, as_new=as_new)
    except RuleError as error:
        stop_with(ExitCode.USAGE, str(error))
    if html is not None:
        html.write_text(as_page(found), encoding="utf-8")
        say(f"Written: {html}")
    if as_json:
        show_json(as_data(found))
    else:
        typer.echo(as_text(found), nl=False)


def _over_the_register(
    pack: Pack,
    against: str,
    on: date,
    benefit: str | None,
    acting_as: str,
    role: str | None,
    *,
    everybody: bool,
    as_new: bool,
) -> Simulation:
    with database():
        migrate()
        from amparo.delivery.claims import populations
        from amparo.interfaces.cli.acting import access_of
        from amparo.values import NotPermitted, Right

        try:
            access = access_of(username=acting_as, role=role)
            before = _booked(pack, against) or _sibling(pack, against)
            code = _code(pack, benefit)
            packs = (before, pack)
            take = populations.of_everybody if everybody else populations.of_the_caseload
            people = take(packs=packs, benefit=code, on=on, access=access)
        except NotPermitted as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))
        except RuleError as error:  # here: outside, with the database open, it is an incident
            stop_with(ExitCode.USAGE, str(error))
    shown = MOST_AFFECTED if access.allows(Right.CLAIM_READ) else 0
    if not shown:
        say("Single cases are left out: the role does not carry the right to read claims.")
    return _simulated(packs, code, people, on, as_new=as_new or everybody, most_affected=shown)


def _simulated(
    packs: Sequence[Pack],
    benefit: str,
    people: Population,
    on: date,
    *,
    as_new: bool,
    most_affected: int = MOST_AFFECTED,
) -> Simulation:
    before, after = packs
    with progress.status(f"Asking both packs about {people.cases:,} cases"):
        return simulate(
            before=before,
            after=after,
            benefit=benefit,
            population=people,
            on=on,
            as_new=as_new,
            most_affected=most_affected,
        )


def _code(pack: Pack, benefit: str | None) -> str:
    codes = [known.code for known in pack.manifest.benefits]
    if benefit is not None:
        return benefit
    if len(codes) != 1:
        offered = ", ".join(codes) or "none"
        raise typer.BadParameter(f"--benefit: {pack.scheme} {pack.version} has {offered}.")
    return codes[0]


def _booked(pack: Pack, against: str) -> Pack | None:
    """Find a version of the scheme in the rule book, by its name; the latest activated."""
    from amparo.rules.book.queries import packs_listed, version

    found = next(
        (row for row in packs_listed() if (row.scheme, row.version) == (pack.scheme, against)), None
    )
    return None if found is None else version(version_id=found.version_id).pack


def _sibling(pack: Pack, against: str) -> Pack:
    """Load the folder named, or that of a version of the scheme in this installation."""
    folder = Path(against)
    if not (folder / "scheme.toml").is_file():
        folder = schemes_folder() / pack.scheme / against
    if not (folder / "scheme.toml").is_file():
        stop_with(
            ExitCode.USAGE,
            f"--against {against}: there is no such folder, and no version {against} of "
            f"{pack.scheme} under {schemes_folder()}. Name either.",
        )
    return load(folder)
