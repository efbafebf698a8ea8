"""DuckDB 2.0: where its SQL parts from the standard."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Sequence
from typing import Final

from amparo.rules.backends.emitter import PLACE, ROW, Emitter
from amparo.rules.ir import nodes
from amparo.rules.ir.plan import ItemRelation
from amparo.rules.ir.types import NumberType

_TESTS: Final = {
    "contains": "contains",
    "starts with": "starts_with",
    "ends with": "ends_with",
}
# Up to 18 digits DuckDB multiplies in 64 bits and keeps the product at 18 digits.
_NARROW: Final = 18
_UNTIL: Final = {"all": r"\z", "": ""}


class DuckDbEmitter(Emitter):
    """Exact decimals: products wide enough before they are made, quotients half to even."""

    def product(self, node: nodes.Arithmetic) -> str:
        kind, left = node.type, node.left
        if not isinstance(kind, NumberType) or not isinstance(left.type, NumberType):
            return super().product(node)
        if kind.digits <= _NARROW:
            return super().product(node)
        wide = f"DECIMAL(38, {left.type.scale})"
        return f"CAST({self.emit(left)} AS {wide}) * {self.emit(node.right)}"

    def quotient(self, node: nodes.Quotient) -> str:
        left, right = self.emit(node.left), f"nullif({self.emit(node.right)}, 0)"
        return f"decimal_division({left}, {right}, {node.decimals})"

    def half_even(self, operand: str, places: int) -> str:
        return f"round_even({operand}, {places})"

    def add_months(self, operand: str, months: str) -> str:
        return f"CAST({operand} + to_months(CAST({months} AS INTEGER)) AS DATE)"

    def matches(self, node: nodes.Matches) -> str:
        pattern = self.text_literal(node.pattern + _UNTIL[node.until])
        return f"regexp_matches({self.emit(node.text)}, {pattern})"

    def text_test(self, kind: str, text: str, match: str) -> str:
        return f"{_TESTS[kind]}({text}, {match})"

    def unnested(self, relation: ItemRelation, source: str, captured: Sequence[str]) -> str:
        names = [self.quote(ROW), *(self.quote(name) for name in captured)]
        inner = [f"c.{name}" for name in names]
        inner.append(f"unnest(c.{self.quote(relation.list_column)}) AS __item")
        inner.append(f"generate_subscripts(c.{self.quote(relation.list_column)}, 1) AS __place")
        fields = [
            (f"__item.{self.quote(field)}" if field else "__item") + f" AS {self.quote(name)}"
            for field, (name, _) in relation.fields.items()
        ]
        chosen = ", ".join([*names, f"__place AS {self.quote(PLACE)}", *fields])
        taken = f"SELECT {', '.join(inner)} FROM {self.quote(source)} c"
        return f"SELECT {chosen}\n  FROM ({taken})"

    def common_table(self, name: str, query: str, *, times_used: int) -> str:
        """Compute a table once where it is read more than once."""
        how = "AS MATERIALIZED" if times_used > 1 else "AS"
        return f"{self.quote(name)} {how} (\n  {query}\n)"

    def all_but(self, relation: str, dropped: Sequence[str]) -> str:
        if not dropped:
            return super().all_but(relation, dropped)
        return f"{relation}.* EXCLUDE ({', '.join(self.quote(name) for name in dropped)})"

    def row_number(self) -> str:
        return "row_number() OVER () - 1"

    def list_length(self, column: str) -> str:
        return f"len({column})"

    def any_item(self, column: str, name: str, condition: str) -> str:
        return f"len(list_filter({column}, lambda {name}: {condition})) > 0"
