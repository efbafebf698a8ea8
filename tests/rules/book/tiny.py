"""The smallest pack: one benefit, whose amount is written in the model."""

from amparo.rules.packs import Pack, load_pack_files

_TITLE = 'en = "{0}", fr = "{0}", es = "{0}", pt = "{0}", ar = "{0}"'


def tiny_pack(*, version: str = "2026.1", amount: str = "10", scheme: str = "xa/tiny") -> Pack:
    return load_pack_files(tiny_files(version=version, amount=amount, scheme=scheme))


def tiny_files(
    *, version: str = "2026.1", amount: str = "10", scheme: str = "xa/tiny"
) -> dict[str, str]:
    title = "{ " + _TITLE.format("Tiny") + " }"
    return {
        "scheme.toml": f"""
scheme = "{scheme}"
version = "{version}"
title = {title}
country = "XA"
currency = "XTS"
valid_from = 2026-01-01
authority = "Test Act, Art. 1"
model = "model.dmn"

[[decision]]
name = "Eligible"
kind = "eligibility"
title = {title}

[[decision]]
name = "Amount"
kind = "amount"
title = {title}

[[benefit]]
code = "tiny"
title = {title}
eligibility = "Eligible"
amount = "Amount"
component = "basic"
frequency = "monthly"

[process]
decision_days = 30
appeal_days = 30
approval = "officer+approver"
law = "Test Act, Art. 2"
""",
        "law.md": "# Test Act\n\nArt. 1: everybody is granted an amount.\n",
        "reasons.toml": "",
        "model.dmn": f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
             id="tiny" name="tiny" namespace="https://example.org/tiny">
  <decision id="eligible" name="Eligible">
    <variable name="Eligible" typeRef="boolean"/>
    <literalExpression><text>true</text></literalExpression>
  </decision>
  <decision id="amount" name="Amount">
    <variable name="Amount" typeRef="number"/>
    <literalExpression><text>{amount}</text></literalExpression>
  </decision>
</definitions>
""",
    }
