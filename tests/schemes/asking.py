"""Ask a decision of a pack in the folder of schemes."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from amparo.rules.packs import Result, load_pack

SCHEMES = Path(__file__).parents[2] / "schemes"
# A day far from every parameter: what an answer says must come from the inputs' own date.
ELSEWHEN = date(1950, 1, 1)


def ask(scheme: str, decision: str, /, **inputs: object) -> Result:
    return ask_at(scheme, decision, inputs)


def ask_at(
    scheme: str,
    decision: str,
    inputs: Mapping[str, object],
    *,
    on: date = ELSEWHEN,
    known_at: datetime | None = None,
) -> Result:
    pack = load_pack(SCHEMES / scheme / "1")
    return pack.evaluate(decision, inputs, on=on, known_at=known_at, trace=False)
