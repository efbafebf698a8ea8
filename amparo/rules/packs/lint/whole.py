"""What belongs to every pack: a law for each decision and reason, worked cases."""

from collections.abc import Iterator

from amparo.rules.dmn.model import Decision
from amparo.rules.packs.lint.findings import Finding
from amparo.rules.packs.pack import REASONS, Pack


def whole_findings(pack: Pack) -> Iterator[Finding]:
    for key, compiled in pack.library.elements.items():
        if isinstance(compiled.element, Decision) and not compiled.element.law:
            yield Finding(
                "warning",
                "decision.no-law",
                "cites no law",
                "Connect it with the knowledge source of its article.",
                model=pack.library.models[key[0]].where,
                element=f"decision {compiled.element.name}",
            )
    if not any(name.startswith("cases/") for name in pack.files):
        remedy = "Write the cases somebody would sign, one JSON object a line."
        yield Finding("error", "case.none", "no worked case", remedy, model="cases/")
    for reason in pack.reasons:
        if not reason.law:
            yield Finding(
                "error",
                "reason.no-law",
                "cites no law",
                "Name the article in its entry law.",
                model=REASONS,
                element=f"reason {reason.code}",
            )
