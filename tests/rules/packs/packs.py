"""A small pack for tests: one eligibility, one amount, two parameters."""

from collections.abc import Mapping

from amparo.rules.packs import Pack, load_pack_files
from tests.rules.dmn.models import decision, literal, source, table

TITLE = 'title = { en = "English", fr = "Français" }'
MANIFEST = f"""
scheme = "xa/test"
version = "1"
{TITLE}
country = "XA"
currency = "XTS"
valid_from = 2024-01-01
authority = "Amparia Social Security Institution"
model = "test.dmn"

[[input]]
name = "age"
from = "register.age"
{TITLE}

[[input]]
name = "income"
from = "claim.income"
required = false
{TITLE}

[[input]]
name = "born"
from = "register.date_of_birth"
{TITLE}

[[decision]]
name = "right"
kind = "eligibility"
{TITLE}

[[decision]]
name = "amount"
kind = "amount"
{TITLE}

[[decision]]
name = "of_birth"
kind = "lookup"
parameters_on = "born"
{TITLE}

[[benefit]]
code = "test"
eligibility = "right"
amount = "amount"
component = "TEST"
frequency = "monthly"
{TITLE}

[process]
decision_days = 30
appeal_days = 60
approval = "officer+approver"
law = "Act, Art. 9"
"""
PARAMETERS = f"""
[[parameter]]
name = "rate"
unit = "share"
{TITLE}

[[parameter.value]]
value = 0.1
valid_from = 2024-01-01
valid_to = 2025-01-01
known_from = 2023-12-01
law = "Act, Art. 2"

[[parameter.value]]
value = 0.2
valid_from = 2025-01-01
known_from = 2024-12-01
law = "Act, Art. 2 as amended"

[[parameter.value]]
value = 0.15
valid_from = 2024-07-01
valid_to = 2025-01-01
known_from = 2025-03-01T12:00:00Z
law = "Judgment of 1 March 2025"
change = "retroactive"

[[parameter.value]]
value = 0.16
valid_from = 2024-07-01
valid_to = 2025-01-01
known_from = 2025-03-01T12:00:00Z
law = "Draft judgment"
adopted = false
note = "Kept on record; the printed judgment says 0.15."

[[parameter]]
name = "bonus"
gaps_allowed = true
{TITLE}

[[parameter.value]]
value = 5
valid_from = 2025-01-01
known_from = 2025-01-01
law = "Act, Art. 3"
"""
REASONS = """
[[reason]]
code = "TOO_YOUNG"
law = "Act, Art. 1(a)"
en = "The age is not reached."
fr = "L'âge n'est pas atteint."

[[reason]]
code = "TOO_RICH"
law = "Act, Art. 1(b)"
en = "The income is too high."
fr = "Le revenu est trop élevé."

[[reason]]
code = "MET"
law = "Act, Art. 1"
en = "The conditions are met."
fr = "Les conditions sont remplies."
"""
RIGHT = table(
    ["age", "income"],
    ["eligible", "reason"],
    [
        (["< 60", "-"], ["false", '"TOO_YOUNG"']),
        (["-", "> 100"], ["false", '"TOO_RICH"']),
        ([">= 60", "<= 100"], ["true", '"MET"']),
    ],
    policy="FIRST",
)
INPUTS = {"age": "tAge", "income": "number", "born": "date", "rate": "number", "bonus": "number"}
HEAD = (
    "<itemDefinition name='tAge'><typeRef>number</typeRef>"
    "<allowedValues><text>[0..130]</text></allowedValues></itemDefinition>"
)


def model(*, right: str = RIGHT, amount: str = "floor(income * rate, 1)", extra: str = "") -> str:
    return source(
        decision("right", right, ["i:age", "i:income"]),
        decision("amount", literal(amount), ["i:income", "i:rate"]),
        decision("of_birth", literal('born + duration("P1Y")'), ["i:born", "i:bonus"]),
        extra,
        inputs=INPUTS,
        head=HEAD,
    )


def files(changed: Mapping[str, str] | None = None) -> dict[str, str]:
    return {
        "scheme.toml": MANIFEST,
        "parameters.toml": PARAMETERS,
        "reasons.toml": REASONS,
        "law.md": "# Act\n",
        "test.dmn": model(),
        "cases/worked.jsonl": "",
        **(changed or {}),
    }


def pack(changed: Mapping[str, str] | None = None) -> Pack:
    return load_pack_files(files(changed))
