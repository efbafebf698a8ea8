"""A new pack to begin with: complete, commented and green, so that each change shows its effect."""

import re
from typing import Final

from amparo.rules.packs.errors import UnusablePack

_NAME: Final = re.compile(r"([a-z]{2})/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")


def skeleton(name: str) -> dict[str, str]:
    """Give the files of a new pack. name: country and scheme, such as xa/orphan-grant.

    Raises UnusablePack for a name that cannot be one.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise UnusablePack(
            code="pack.name",
            message=f"“{name}” is no name of a pack",
            remedy="Write country and scheme in small letters, such as xa/orphan-grant.",
        )
    country, scheme = found[1], found[2]
    words = {
        "NAME": name,
        "COUNTRY": country.upper(),
        "FILE": f"{scheme}.dmn",
        "TITLE": scheme.replace("-", " ").capitalize(),
        "ID": scheme.replace("-", "_"),
    }
    texts = {
        "scheme.toml": _SCHEME,
        f"{scheme}.dmn": _MODEL,
        "parameters.toml": _PARAMETERS,
        "reasons.toml": _REASONS,
        "law.md": _LAW,
        "cases/worked.jsonl": _CASES,
    }
    return {file: _filled(text, words) for file, text in texts.items()}


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(f"<<{mark}>>", word)
    return text


_SCHEME: Final = """\
# What the pack is, what it decides, and what the process around it must know.
scheme = "<<NAME>>"
version = "1"
title = { en = "<<TITLE>>", fr = "<<TITLE>>" }
country = "<<COUNTRY>>"
# The currency of every amount, by its three letters.
currency = "XTS"
# The first day this version answers for.
valid_from = 2026-01-01
# Who hears appeals, as letters name it.
authority = "The institution"
model = "<<FILE>>"

# One block for each fact. "from" says where the process finds it; see schemes/README.md.
# required = false: the process need not ask. A fact that is not known is null, never zero.
[[input]]
name = "date_of_birth"
title = { en = "Date of birth", fr = "Date de naissance" }
from = "register.date_of_birth"

[[input]]
name = "claim_date"
title = { en = "Date of the claim", fr = "Date de la demande" }
from = "claim.date"

# One block for each decision somebody may ask for; the model may have more.
# parameters_on: the fact whose day chooses the amounts and rates.
[[decision]]
name = "eligibility"
kind = "eligibility"
title = { en = "Right", fr = "Droit" }
parameters_on = "claim_date"

[[decision]]
name = "amount"
kind = "amount"
title = { en = "Amount", fr = "Montant" }
parameters_on = "claim_date"

# What a person can claim.
[[benefit]]
code = "<<ID>>"
title = { en = "<<TITLE>>", fr = "<<TITLE>>" }
eligibility = "eligibility"
amount = "amount"
component = "<<ID>>"
frequency = "monthly"

# The way to a decision, with the articles that say so.
[process]
decision_days = 30
appeal_days = 60
approval = "officer+approver"
law = "Act, Art. 9 and 10"
"""

_MODEL: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"
             id="model" name="<<TITLE>>" namespace="https://amparo.example/schemes/<<NAME>>">
  <!-- Every decision cites its article: a knowledge source, connected by a requirement. -->
  <knowledgeSource id="law_art_1" name="Act, Art. 1"/>
  <knowledgeSource id="law_art_2" name="Act, Art. 2"/>
  <!-- Facts and parameters come in under their name. -->
  <inputData id="input_date_of_birth" name="date_of_birth">
    <variable name="date_of_birth" typeRef="date"/>
  </inputData>
  <inputData id="input_claim_date" name="claim_date">
    <variable name="claim_date" typeRef="date"/>
  </inputData>
  <inputData id="input_age_limit" name="age_limit">
    <variable name="age_limit" typeRef="number"/>
  </inputData>
  <inputData id="input_full_amount" name="full_amount">
    <variable name="full_amount" typeRef="number"/>
  </inputData>
  <decision id="decision_age" name="age">
    <description>Age in completed years on the day of the claim.</description>
    <variable name="age" typeRef="number"/>
    <informationRequirement>
      <requiredInput href="#input_date_of_birth"/>
    </informationRequirement>
    <informationRequirement>
      <requiredInput href="#input_claim_date"/>
    </informationRequirement>
    <authorityRequirement>
      <requiredAuthority href="#law_art_1"/>
    </authorityRequirement>
    <literalExpression id="age_expression">
      <text>years and months duration(date_of_birth, claim_date).years</text>
    </literalExpression>
  </decision>
  <decision id="decision_eligibility" name="eligibility">
    <description>Who has a right. Each rule gives the reason told, and its article.</description>
    <variable name="eligibility" typeRef="Any"/>
    <informationRequirement>
      <requiredDecision href="#decision_age"/>
    </informationRequirement>
    <informationRequirement>
      <requiredInput href="#input_age_limit"/>
    </informationRequirement>
    <authorityRequirement>
      <requiredAuthority href="#law_art_1"/>
    </authorityRequirement>
    <decisionTable id="eligibility_table" hitPolicy="UNIQUE">
      <input id="eligibility_input_age" label="Age">
        <inputExpression>
          <text>age</text>
        </inputExpression>
      </input>
      <output id="eligibility_output_eligible" name="eligible" typeRef="boolean"/>
      <output id="eligibility_output_reason" name="reason" typeRef="string"/>
      <annotation name="Law"/>
      <rule id="eligibility_too_young">
        <inputEntry>
          <text>&lt; age_limit</text>
        </inputEntry>
        <outputEntry>
          <text>false</text>
        </outputEntry>
        <outputEntry>
          <text>"AGE_NOT_REACHED"</text>
        </outputEntry>
        <annotationEntry>
          <text>Act, Art. 1</text>
        </annotationEntry>
      </rule>
      <rule id="eligibility_entitled">
        <inputEntry>
          <text>&gt;= age_limit</text>
        </inputEntry>
        <outputEntry>
          <text>true</text>
        </outputEntry>
        <outputEntry>
          <text>"CONDITIONS_MET"</text>
        </outputEntry>
        <annotationEntry>
          <text>Act, Art. 1</text>
        </annotationEntry>
      </rule>
    </decisionTable>
  </decision>
  <decision id="decision_amount" name="amount">
    <description>What is paid. Multiply before dividing; round once, as the law says.</description>
    <variable name="amount" typeRef="number"/>
    <informationRequirement>
      <requiredInput href="#input_full_amount"/>
    </informationRequirement>
    <authorityRequirement>
      <requiredAuthority href="#law_art_2"/>
    </authorityRequirement>
    <literalExpression id="amount_expression">
      <text>full_amount</text>
    </literalExpression>
  </decision>
</definitions>
"""

_PARAMETERS: Final = """\
# Amounts, rates and limits, each row with its day and its law. A row is never edited: a change is a
# new row; a correction is a new row with a later known_from.
[[parameter]]
name = "age_limit"
title = { en = "Age from which there is a right", fr = "Âge ouvrant le droit" }
unit = "years"

[[parameter.value]]
value = 65
valid_from = 2026-01-01
# valid_to: the first day it no longer holds; left out while none is known.
known_from = 2025-12-01
law = "Act, Art. 1"

[[parameter]]
name = "full_amount"
title = { en = "Full amount", fr = "Montant plein" }
unit = "XTS a month"

[[parameter.value]]
value = 100
valid_from = 2026-01-01
known_from = 2025-12-01
law = "Act, Art. 2"
"""

_REASONS: Final = """\
# Every reason the tables give, with its article and plain words in each language.
[[reason]]
code = "AGE_NOT_REACHED"
law = "Act, Art. 1"
en = "The age is not reached."
fr = "L'âge n'est pas atteint."

[[reason]]
code = "CONDITIONS_MET"
law = "Act, Art. 1"
en = "The conditions are met."
fr = "Les conditions sont remplies."
"""

_LAW: Final = """\
# <<TITLE>>

What the law says, in our words, article by article, with its source. Replace these two.

**Art. 1.** Whoever has completed the age limit on the day of the claim has a right.

**Art. 2.** The full amount is paid each month.

What could not be verified: everything; this is a pack to begin with.
"""

_CASES: Final = (
    '{"id": "birthday", "decision": "eligibility", "origin": "worked", "effective": "2026-03-01",'
    ' "inputs": {"date_of_birth": "1961-03-01", "claim_date": "2026-03-01"},'
    ' "outcome": "granted", "reasons": ["CONDITIONS_MET"]}\n'
    '{"id": "day before", "decision": "eligibility", "origin": "worked", "effective": "2026-02-28",'
    ' "inputs": {"date_of_birth": "1961-03-01", "claim_date": "2026-02-28"},'
    ' "outcome": "refused", "reasons": ["AGE_NOT_REACHED"]}\n'
    '{"id": "unknown birth", "decision": "eligibility", "origin": "worked",'
    ' "effective": "2026-02-28", "inputs": {"claim_date": "2026-02-28"},'
    ' "outcome": "undetermined", "missing": ["date_of_birth"]}\n'
    '{"id": "amount", "decision": "amount", "origin": "worked", "effective": "2026-03-01",'
    ' "inputs": {"claim_date": "2026-03-01"}, "expected": {"amount": 100}}\n'
)
