"""What a careful reader would object to in a pack that loads: findings, each with its place.

tables: cases no rule answers, rules that answer twice or never. expressions: lossy arithmetic,
facts that may be missing, types that cannot fit. parameters: dates, gaps, buried rows. whole: law,
cases.
Nothing here runs a claim. Must never know: which pack is in force, the database.
"""

from amparo.rules.packs.lint.expressions import expression_findings
from amparo.rules.packs.lint.findings import Finding
from amparo.rules.packs.lint.parameters import parameter_findings
from amparo.rules.packs.lint.reading import read_expressions
from amparo.rules.packs.lint.tables import table_findings
from amparo.rules.packs.lint.whole import whole_findings
from amparo.rules.packs.pack import Pack

__all__ = ["Finding", "lint"]


def lint(pack: Pack) -> tuple[Finding, ...]:
    """Look at the whole pack. Errors first in weight, the pack's own order within."""
    read = tuple(read_expressions(pack))
    found = (
        *whole_findings(pack),
        *parameter_findings(pack),
        *expression_findings(pack, read),
        *table_findings(pack, read),
    )
    return tuple(sorted(found, key=lambda finding: finding.severity != "error"))
