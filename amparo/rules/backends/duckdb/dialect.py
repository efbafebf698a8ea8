"""DuckDB 2.0: where its SQL parts from the standard."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from amparo.rules.backends.emitter import AT, ITEM, PLACE, ROW, SOURCE_ROW, Emitter
from amparo.rules.ir import nodes
from amparo.rules.ir.plan import ItemRelation
from amparo.rules.ir.types import ColumnType, NumberType

_TESTS: Final = {
    "contains": "contains",
    "starts with": "starts_with",
    "ends with": "ends_with",
}
# Up to 18 digits DuckDB multiplies in 64 bits and keeps the product at 18 digits.
_NARROW: Final = 18
# A number of 128 bits has a sign.
_MOST_BITS: Final = 120
_UNTIL: Final = {"all": r"\z", "": ""}


def _lambda(body: str) -> str:
    parameters = f"{ITEM}, {AT}" if AT in body else ITEM
    return f"lambda {parameters}: {body}"


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

    def list_fold(
        self, node: nodes.Aggregate, column: str, value: str | None, where: str | None
    ) -> str:
        """Fold by functions of lists: no rows of items are made, grouped and joined again."""
        if node.kind in ("count", "any"):
            held = [text for text in (where, value if node.kind == "any" else None) if text]
            kept = f"list_filter({column}, {_lambda(' AND '.join(held))})" if held else column
            if node.kind == "any":
                return f"coalesce(len({kept}) > 0, FALSE)"
            return f"CAST(coalesce(len({kept}), 0) AS {self.type_name(node.type)})"
        chosen = f"CASE WHEN {where} THEN {value} END" if where else f"{value}"
        function = "max" if node.kind == "one" else node.kind
        found = f"list_{function}(list_transform({column}, {_lambda(chosen)}))"
        return f"CAST({found} AS {self.type_name(node.type)})"

    def list_taken(self, column: str, value: str, where: str | None) -> str | None:
        if where is None:
            return f"list_transform({column}, {_lambda(value)})"
        if AT in value:
            # In the list of those that are kept an item has another place.
            return None
        return f"list_transform(list_filter({column}, {_lambda(where)}), {_lambda(value)})"

    def list_of(self, value: str, where: str | None) -> str:
        return f"list({value})" + (f" FILTER (WHERE {where})" if where else "")

    def list_sorted(self, column: str, *, descends: bool) -> str:
        return f"list_sort({column}, '{'DESC' if descends else 'ASC'}', 'NULLS LAST')"

    def list_distinct(self, node: nodes.Aggregate, column: str, kind: ColumnType) -> str | None:
        """Set a bit for every whole number, and count the bits: years are few."""
        if not isinstance(kind, NumberType) or kind.scale or kind.high - kind.low > _MOST_BITS:
            return None
        bit = f"CAST(1 AS HUGEINT) << CAST({ITEM} - ({kind.low:f}) AS INTEGER)"
        bits = f"list_bit_or(list_transform({column}, {_lambda(bit)}))"
        return f"CAST(coalesce(bit_count({bits}), 0) AS {self.type_name(node.type)})"

    def word(self, value: str | None, words: Sequence[str]) -> str:
        """Write a number for each word: a column of them is written to a file without a search."""
        listed = ", ".join(map(self.text_literal, words))
        if not words:
            return super().word(value, words)
        return f"CAST({'NULL' if value is None else self.text_literal(value)} AS ENUM({listed}))"

    def common_table(self, name: str, query: str, *, times_used: int) -> str:
        """Compute a table once where it is read more than once."""
        how = "AS MATERIALIZED" if times_used > 1 else "AS"
        return f"{self.quote(name)} {how} (\n  {query}\n)"

    def all_but(self, relation: str, dropped: Sequence[str]) -> str:
        if not dropped:
            return super().all_but(relation, dropped)
        return f"{relation}.* EXCLUDE ({', '.join(self.quote(name) for name in dropped)})"

    def row_number(self) -> str:
        return self.quote(SOURCE_ROW)

    def item_of(self, values: Sequence[nodes.Constant], kind: ColumnType, place: str) -> str:
        """Write the constants as texts and read all of them at once: the list is short to read."""
        written = ", ".join(self._as_text(value) for value in values)
        return f"list_extract(CAST([{written}] AS {self.type_name(kind)}[]), {place})"

    def _as_text(self, constant: nodes.Constant) -> str:
        match constant.value:
            case None:
                return "NULL"
            case bool() as value:
                return "'true'" if value else "'false'"
            case Decimal() as value:
                return self.text_literal(f"{value:f}")
            case value:
                return self.text_literal(str(value))

    def list_length(self, column: str) -> str:
        return f"len({column})"

    def any_item(self, column: str, name: str, condition: str) -> str:
        return f"len(list_filter({column}, lambda {name}: {condition})) > 0"
