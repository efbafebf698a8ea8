"""A small table for tests: the right by age and residence, with two rules and a law."""

from amparo.rules.authoring import Sheet, sheet_of
from amparo.rules.dmn.model import Model
from amparo.rules.dmn.xml import read_model
from tests.rules.dmn.models import source

RIGHT = "right"
TABLE = """
<knowledgeSource id="art_1" name="Act, Art. 1"/>
<knowledgeSource id="art_2" name="Act, Art. 2"/>
<decision id="decision_right" name="right">
  <description>Who has a right.</description>
  <variable name="right" typeRef="string"/>
  <informationRequirement id="r1"><requiredInput href="#age"/></informationRequirement>
  <informationRequirement><requiredInput href="#resident"/></informationRequirement>
  <authorityRequirement><requiredAuthority href="#art_1"/></authorityRequirement>
  <decisionTable id="right_table" hitPolicy="UNIQUE">
    <input id="in_age" label="Age">
      <inputExpression id="age_expression" typeRef="number"><text>age</text></inputExpression>
    </input>
    <input id="in_resident" label="Resident">
      <inputExpression><text>resident</text></inputExpression>
    </input>
    <output id="out" name="answer" typeRef="string">
      <outputValues><text>"yes", "no"</text></outputValues>
    </output>
    <annotation name="Law"/>
    <rule id="old">
      <inputEntry id="cell_1"><text>&gt;= 65</text></inputEntry>
      <inputEntry><text>true</text></inputEntry>
      <outputEntry><text>"yes"</text></outputEntry>
      <annotationEntry><text>Art. 1</text></annotationEntry>
    </rule>
    <rule id="young">
      <inputEntry><text>&lt; 65</text></inputEntry>
      <inputEntry><text>-</text></inputEntry>
      <outputEntry><text>"no"</text></outputEntry>
      <annotationEntry><text>Art. 2 | or | none</text></annotationEntry>
    </rule>
  </decisionTable>
</decision>
"""


def model() -> Model:
    text = source(TABLE, inputs={"age": "number", "resident": "boolean", "income": "number"})
    return read_model(text, where="m.dmn")


def sheet() -> Sheet:
    return sheet_of(model(), RIGHT)
