"""`amparo register`: look over the whole register for people who are in it twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, progress, results, show_json, stop_with

app = typer.Typer(
    no_args_is_help=True,
    help="Look for people who are registered twice; see and train the model that weighs them.",
)

_As = Annotated[str, typer.Option("--as", help="The steward whose mandate covers this.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


@app.command()
def sweep(*, acting_as: _As, as_json: _Json = False) -> None:
    """Compare everybody who shares a key; put likely pairs into the stewards' queue.

    The same runs every night. Nothing is merged.
    """
    with _refusals():
        from django.utils.timezone import now

        from amparo.interfaces.cli.acting import access_of
        from amparo.register.operations.sweeping import sweep_register

        access = access_of(username=acting_as)
        with progress.status("Comparing"):
            report = sweep_register(access=access, at=now())
    if as_json:
        show_json(
            {
                "people": report.people,
                "compared": report.compared,
                "keys_left_out": report.left_out,
                "likely": report.likely,
                "opened": report.opened,
                "model": report.model_hash,
            }
        )
        return
    results.print(
        f"{report.people:,} people, {report.compared:,} pairs compared: {report.likely:,} are "
        f"likely, {report.opened:,} of them new in the queue."
    )
    if report.left_out:
        results.print(
            f"Not checked: {report.left_out:,} keys that too many people share. Who agrees in "
            "nothing else was not compared."
        )


@app.command()
def model(*, as_json: _Json = False) -> None:
    """Show the model in force: what each agreement is worth, and from where a person looks."""
    with _refusals():
        from django.utils.timezone import now

        from amparo.register.likeness import model_in_force
        from amparo.register.matching.comparisons import COMPARISONS

        found = model_in_force(at=now())
        weights = found.weights()
    if as_json:
        show_json(
            {
                "version": found.version,
                "content_hash": found.content_hash,
                "trained_on": found.trained_on,
                "review": f"{found.thresholds.review}",
                "same": f"{found.thresholds.same}",
                "weights": weights,
            }
        )
        return
    table = Table("comparison", "step", "weight")
    for comparison in COMPARISONS:
        for step in comparison.steps:
            table.add_row(comparison.name, step.name, f"{weights[comparison.name][step.name]:+.1f}")
    results.print(table)
    results.print(
        f"Version {found.version}, trained on: {found.trained_on}. Content {found.content_hash}.\n"
        f"A person looks from probability {found.thresholds.review} on; from "
        f"{found.thresholds.same} on a pair is called the same. Nothing merges at either."
    )


@app.command()
def train(
    sink: Annotated[Path, typer.Argument(help="The file to write the model to.", dir_okay=False)],
    *,
    acting_as: _As,
    version: Annotated[str, typer.Option(help="The version the model is to bear.")],
) -> None:
    """Train a model on this register, without labels, and write it to a file.

    It is not in force thereby.
    """
    with _refusals():
        from django.utils.timezone import now

        from amparo.interfaces.cli.acting import access_of
        from amparo.register.operations.sweeping import train_model

        access = access_of(username=acting_as)
        with progress.status("Learning"):
            trained = train_model(version=version, access=access, at=now())
    sink.write_text(trained.as_text() + "\n", encoding="utf-8")
    results.print(f"Written to {sink}: version {trained.version}, content {trained.content_hash}.")


@contextmanager
def _refusals() -> Iterator[None]:
    """Open the installation; end with a message where a mandate is missing."""
    with database():
        migrate()
        from amparo.register.likeness import NoMatchModel
        from amparo.register.matching.training import UnableToTrain
        from amparo.values import NotPermitted

        try:
            yield
        except (NoMatchModel, NotPermitted, UnableToTrain) as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))
