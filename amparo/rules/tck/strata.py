"""Which stratum of the kit a directory belongs to, told from the words of its name.

The strata keep a large group of like cases (one directory holds a third of all) from hiding a
small one that matters more. A list of directory and stratum, where one is given, goes before.
"""

import re
from typing import Final

OTHER: Final = "tables"
# The first pattern found in the name decides. What is left is models as a whole: tables, graphs,
# knowledge models, services, imports.
_WORDS: Final = tuple(
    (re.compile(pattern), stratum)
    for pattern, stratum in (
        ("external-java", "external"),
        (
            (
                "tabletests|hitpolicy|simpletable|user-defined|lambda|import|invocation|dt-"
                "|allowed-values|singleton|nested-?context|vacation|service"
            ),
            "tables",
        ),
        ("boxed|list-", "lists"),
        ("context|getvalue|getentries|paths", "contexts"),
        ("arithmetic", "numbers"),
        (
            (
                "string|unicode|substring|case-function|matches|replace-function|split|contains"
                "|starts-with|ends-with"
            ),
            "strings",
        ),
        ("date|time|duration|day|week|month|now|properties|at-literal|interval|range", "dates"),
        ("ternary|conditional|conjunction|disjunction|negation|equality|between", "logic"),
        ("feel-in$|instance-of|coercion|comment|truth", "logic"),
        (
            (
                "filter|join|list|append|concat|insert|sort|some|every|for-loop|boxed|iteration"
                "|all-function|any-function|sum|count|union|distinct|flatten|reverse|index"
            ),
            "lists",
        ),
        (
            (
                "number|arithmetic|math|constants|function|exponent|nan|infinity|round|decimal|floor"
                "|ceiling"
            ),
            "numbers",
        ),
    )
)


def stratum_of(directory: str) -> str:
    """Give the stratum of a directory of test cases."""
    name = directory.lower()
    return next((stratum for pattern, stratum in _WORDS if pattern.search(name)), OTHER)
