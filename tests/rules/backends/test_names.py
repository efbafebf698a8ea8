"""Names that differ in their case alone: two in FEEL, one in SQL."""

from datetime import date
from decimal import Decimal

from amparo.rules.packs import load_pack
from amparo.rules.packs.pack import load_pack_files
from tests.architecture.source import PROJECT
from tests.rules.dmn.models import decision, literal, source
from tests.rules.packs.packs import TITLE

ON = date(2026, 12, 1)


def test_a_heading_named_as_a_decision_is_another_column() -> None:
    # The table's first input is labelled “Age” and rests on the decision “age”.
    pack = load_pack(PROJECT / "tests" / "delivery" / "packs" / "old-age")
    row = {
        "date_of_birth": date(1963, 2, 28),
        "claimed_on": date(2026, 11, 1),
        "has_stopped_work": True,
        "contributed_months": Decimal(3),
        "other_pension": False,
    }

    plan = pack.compile(["entitlement"], on=ON)

    assert plan.compiled == ("entitlement",)
    assert plan.verify_rows([row, {**row, "claimed_on": date(2020, 1, 1)}]).is_equal
    assert plan.verify(sample=200).is_equal


def test_inputs_that_differ_in_case_alone_are_the_interpreters() -> None:
    inputs = "\n".join(
        f'[[input]]\nname = "{name}"\nfrom = "claim.{name}"\n{TITLE}' for name in ("n", "N")
    )
    pack = load_pack_files(
        {
            "scheme.toml": f'scheme = "xa/case"\nversion = "1"\n{TITLE}\ncountry = "XA"\n'
            'currency = "XTS"\nvalid_from = 2024-01-01\nauthority = "A"\nmodel = "m.dmn"\n'
            f'{inputs}\n[[decision]]\nname = "sum"\nkind = "amount"\n{TITLE}\n',
            "reasons.toml": "",
            "law.md": "# Act\n",
            "m.dmn": source(
                decision("sum", literal("n - N"), ["i:n", "i:N"]),
                inputs={"n": "number", "N": "number"},
            ),
        }
    )

    plan = pack.compile(["sum"], on=ON)

    assert [refusal.decision for refusal in plan.refusals] == ["sum"]
    assert "case" in plan.refusals[0].reason
