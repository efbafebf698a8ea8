"""Spark 4 in ANSI mode: where its SQL parts from the standard."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Sequence
from typing import Final

from amparo.rules.backends.emitter import PLACE, ROW, SOURCE_ROW, Emitter
from amparo.rules.ir import nodes
from amparo.rules.ir.nodes import Expr
from amparo.rules.ir.plan import ItemRelation
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import ColumnType, ListType, NumberType, StructType, TextType

_TESTS: Final = {"contains": "contains", "starts with": "startswith", "ends with": "endswith"}
_UNTIL: Final = {"all": r"\z", "": ""}
_MOST: Final = 38
_LEAST_DECIMALS: Final = 6


class SparkEmitter(Emitter):
    """Exact decimals: operands stay as narrow as they are, or a product would lose its decimals.

    tables: every common table in order, as name, query and times used, for a run that makes each
    a view; Spark would compute one that is read twice twice.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[tuple[str, str, int]] = []

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text_literal(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def type_name(self, kind: ColumnType) -> str:
        match kind:
            case TextType():
                return "STRING"
            case ListType():
                return f"ARRAY<{self.type_name(kind.item)}>"
            case StructType():
                fields = (f"{self.quote(name)}: {self.type_name(of)}" for name, of in kind.fields)
                return f"STRUCT<{', '.join(fields)}>"
            case _:
                return super().type_name(kind)

    def quotient(self, node: nodes.Quotient) -> str:
        """Divide with at least the decimals asked for: Spark rounds them, and the use once more.

        Two roundings are as good as one here: a quotient is either a number of few decimals, which
        both keep, or further from every boundary than both errors together.
        """
        scale = _dividend_scale(node)
        kind = node.left.type
        if scale is None or not isinstance(kind, NumberType):
            raise AssertionError("refused before it is written")
        wide = f"DECIMAL({kind.whole_digits + scale}, {scale})"
        return f"CAST({self.emit(node.left)} AS {wide}) / nullif({self.emit(node.right)}, 0)"

    def half_even(self, operand: str, places: int) -> str:
        return f"bround({operand}, {places})"

    def extreme(self, node: nodes.Extreme) -> str:
        """One value is its own extreme; Spark asks for two at least."""
        return (
            super().extreme(node) if len(node.items) > 1 else self.typed(node.items[0], node.type)
        )

    def weekday(self, operand: str) -> str:
        return f"extract(DAYOFWEEK_ISO FROM {operand})"

    def add_months(self, operand: str, months: str) -> str:
        return f"add_months({operand}, CAST({months} AS INTEGER))"

    def add_days(self, operand: str, days: str) -> str:
        return f"date_add({operand}, CAST({days} AS INTEGER))"

    def days_between(self, start: str, end: str) -> str:
        return f"datediff({end}, {start})"

    def matches(self, node: nodes.Matches) -> str:
        pattern = self.text_literal(node.pattern + _UNTIL[node.until])
        return f"regexp_like({self.emit(node.text)}, {pattern})"

    def text_test(self, kind: str, text: str, match: str) -> str:
        return f"{_TESTS[kind]}({text}, {match})"

    def unnested(self, relation: ItemRelation, source: str, captured: Sequence[str]) -> str:
        names = [self.quote(ROW), *(self.quote(name) for name in captured)]
        column = f"c.{self.quote(relation.list_column)}"
        fields = [
            (f"__item.{self.quote(field)}" if field else "__item") + f" AS {self.quote(name)}"
            for field, (name, _) in relation.fields.items()
        ]
        place = f"CAST(__at + 1 AS BIGINT) AS {self.quote(PLACE)}"
        chosen = ", ".join([*(f"c.{name}" for name in names), place, *fields])
        items = f"LATERAL VIEW posexplode({column}) t AS __at, __item"
        return f"SELECT {chosen}\n  FROM {self.quote(source)} c {items}"

    def common_table(self, name: str, query: str, *, times_used: int) -> str:
        self.tables.append((name, query, times_used))
        return super().common_table(name, query, times_used=times_used)

    def row_number(self) -> str:
        return self.quote(SOURCE_ROW)

    def loaded(self, column: str, kind: ColumnType) -> str:
        """Take contexts apart: Spark casts their fields by place, not by name."""
        match kind:
            case ListType(item=StructType()):
                return f"transform({column}, x -> {self.loaded('x', kind.item)})"
            case StructType():
                fields = ", ".join(
                    f"{self.text_literal(name)}, " + self.loaded(f"{column}.{self.quote(name)}", of)
                    for name, of in kind.fields
                )
                return f"CASE WHEN {column} IS NOT NULL THEN named_struct({fields}) END"
            case _:
                return super().loaded(column, kind)

    def item_of(self, values: Sequence[nodes.Constant], kind: ColumnType, place: str) -> str:
        return f"element_at(array({', '.join(self.typed(one, kind) for one in values)}), {place})"

    def list_length(self, column: str) -> str:
        return f"size({column})"

    def any_item(self, column: str, name: str, condition: str) -> str:
        return f"exists({column}, {name} -> {condition})"


def refused(node: Expr) -> Refused | None:
    """Say why Spark cannot hold an expression that DuckDB can: only of quotients is this known."""
    if not isinstance(node, nodes.Quotient) or _dividend_scale(node) is not None:
        return None
    return Refused(
        f"Spark has no type in which this quotient keeps {node.decimals} decimals",
        "Declare narrower ranges in the schema, or round the dividend first.",
    )


def _dividend_scale(node: nodes.Quotient) -> int | None:
    """Find decimals to write the dividend with, so that Spark's quotient type is wide enough."""
    left, right, kind = node.left.type, node.right.type, node.type
    if not (
        isinstance(left, NumberType)
        and isinstance(right, NumberType)
        and isinstance(kind, NumberType)
    ):
        return None
    for scale in range(left.scale, _MOST - left.whole_digits + 1):
        whole, decimals = _quotient_type(left.whole_digits, scale, right)
        if decimals >= node.decimals and whole >= kind.whole_digits:
            return scale
    return None


def _quotient_type(whole: int, scale: int, divisor: NumberType) -> tuple[int, int]:
    """Give digits before and after the point of Spark's ``/``, without loss of precision.

    As DecimalType division is typed where spark.sql.decimalOperations.allowPrecisionLoss is false.
    """
    before = min(_MOST, whole + divisor.scale)
    after = min(_MOST, max(_LEAST_DECIMALS, scale + divisor.digits + 1))
    beyond = before + after - _MOST
    if beyond > 0:
        after -= beyond // 2 + 1
        before = _MOST - after
    return before, after
