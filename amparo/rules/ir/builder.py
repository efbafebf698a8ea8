"""Where steps are collected: each distinct expression becomes a column once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from amparo.rules.ir.nodes import (
    FALSE,
    ROWS,
    Aggregate,
    Column,
    Constant,
    Expr,
    Rank,
    Relation,
    all_of,
    any_of,
    columns_in,
    is_true,
)
from amparo.rules.ir.plan import Columns, ItemRelation, Step
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import ColumnType, ListType, NumberType, StructType

SIMPLER = "Fold the inner list first, in a decision of its own."


@dataclass(frozen=True, slots=True)
class Division:
    """A division, or its sum with exact numbers. root: the division itself."""

    root: int
    scale: int
    divisor_digits: int
    most: int


@dataclass
class Builder:
    """The columns of one plan under way.

    escapes: rows for which one of these is true are left to the interpreter.
    reserved: names of decisions asked for, whose results are to have just these names.
    path: the conditions under which what is being lowered is asked at all.
    needs: decimals that uses of a quotient asked for, by the number of the quotient; the plan is
    lowered again with just these.
    """

    inputs: dict[str, ColumnType]
    decimals: Mapping[int, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    items: dict[Relation, ItemRelation] = field(default_factory=dict)
    escapes: list[Expr] = field(default_factory=list)
    reserved: frozenset[str] = frozenset()
    path: list[Expr] = field(default_factory=list)
    needs: dict[int, int] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    quotients: dict[int, Division] = field(default_factory=dict)
    _known: dict[Expr, Column] = field(default_factory=dict)
    _meanings: dict[Expr, Expr] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)
    _relations: dict[str, Relation] = field(default_factory=dict)

    def let(self, value: Expr, hint: str) -> Expr:
        """Give an expression a column of its own, and the column; a name or constant stays."""
        if isinstance(value, Column | Constant):
            return value
        known = self._known.get(value)
        if known is not None:
            return known
        relation = self.relation_of(value)
        head = hint.partition(".")[0].partition("#")[0].casefold()
        is_taken = head in {name.casefold() for name in self.reserved}
        name = self._free_name(f"{hint} computed" if is_taken else hint)
        column = Column(value.type, relation, name)
        if relation == ROWS:
            self.steps.append(Step(name, value))
        else:
            self._add_item_step(relation, Step(name, value))
        self._known[value] = column
        self._meanings[column] = value
        return column

    def column_of(self, value: Expr) -> Expr:
        """Give the column an expression already has; without one, the expression."""
        return self._known.get(value, value)

    def meaning(self, value: Expr) -> Expr:
        """Give what a column of a step was computed from; anything else stays."""
        return self._meanings.get(value, value)

    def named(self, value: Expr, name: str) -> str:
        """Give a result a column of its own, by its own name unless the source has that name."""
        free = self._free_name(name)
        self.steps.append(Step(free, value))
        return free

    def relation_of(self, *values: Expr) -> Relation:
        """Give the relation an expression belongs to: the one list it reads, or the claims."""
        if len(values) == 1 and isinstance(values[0], Aggregate):
            return ROWS
        if len(values) == 1 and isinstance(values[0], Rank):
            return values[0].over
        found = {column.relation for value in values for column in columns_in(value)} - {ROWS}
        if len(found) > 1:
            raise Refused("Items of two lists meet in one expression", SIMPLER)
        return found.pop() if found else ROWS

    def escape(self, condition: Expr) -> None:
        """Leave rows to the interpreter for which this holds, for any item of a list.

        Only where the way leads there: a branch that is not taken leaves nothing.
        """
        found = is_true(condition)
        if found == FALSE:
            return
        relation = self.relation_of(found)
        for taken in self.path:
            if self.relation_of(taken) in (ROWS, relation):
                found = all_of(taken, found)
        if relation != ROWS:
            held = self.let(found, "left to the interpreter")
            found = self.aggregate(Aggregate(FALSE.type, "any", relation, held, None), "left")
        self.escapes.append(found)

    def escaped(self) -> Expr:
        return any_of(*self.escapes)

    def aggregate(self, node: Aggregate, hint: str) -> Expr:
        return self.let(node, hint)

    def relation_for(self, column: Column) -> Relation:
        """Take a list column apart; the same column gives the same relation."""
        if column.name not in self._relations:
            kind = column.type
            assert isinstance(kind, ListType)  # noqa: S101 - only list columns are taken apart
            number = len(self._relations) + 1
            fields = kind.item.fields if isinstance(kind.item, StructType) else (("", kind.item),)
            named = {
                name: (self._free_name(f"{column.name}.{name}" if name else column.name), of)
                for name, of in fields
            }
            self._relations[column.name] = number
            self.items[number] = ItemRelation(number, column.name, named, ())
        return self._relations[column.name]

    def _add_item_step(self, relation: Relation, step: Step) -> None:
        known = self.items[relation]
        self.items[relation] = ItemRelation(
            known.number, known.list_column, known.fields, (*known.steps, step)
        )

    def _free_name(self, hint: str) -> str:
        """Give a name of its own: to SQL, names that differ in their case alone are one name."""
        taken = {name.casefold() for name in self.inputs} | self._names
        name, number = hint, 1
        while name.casefold() in taken:
            number += 1
            name = f"{hint} #{number}"
        self._names.add(name.casefold())
        return name

    # Quotients ----------------------------------------------------------------------------

    def new_quotient(self, *, scale: int, divisor_digits: int, most: int) -> tuple[int, int]:
        """Number a division; give its number and the decimals to compute.

        scale and divisor_digits: s1 - s2 and p of the rule of ``numbers``. most: decimals there
        is room for.
        """
        number = len(self.quotients)
        # The first guess is that amounts are rounded to cents; the uses say what is needed.
        guess = min(most, max(scale, 2) + divisor_digits + 1)
        used = self.decimals.get(number, guess)
        self.quotients[number] = Division(number, scale, divisor_digits, most)
        self.used[number] = used
        return number, used

    def moved_quotient(self, number: int, scale: int) -> int:
        """Number the sum of a quotient and an exact number of so many decimals."""
        division = self.quotients[number]
        moved = len(self.quotients)
        self.quotients[moved] = replace(division, scale=max(division.scale, scale))
        return moved

    def need(self, kind: NumberType, places: int) -> None:
        """Note that a use rounds to, or compares with, so many decimals; refuse without room."""
        for number in kind.quotients:
            division = self.quotients[number]
            wanted = max(places, division.scale) + division.divisor_digits + 1
            if wanted > division.most:
                raise Refused(
                    f"The quotient would need {wanted} decimals to be rounded exactly, and there "
                    f"is room for {division.most}",
                    "Declare narrower ranges in the schema, or round the dividend first.",
                )
            root = division.root
            self.needs[root] = max(self.needs.get(root, 0), wanted)

    def columns(self, results: tuple[str, ...]) -> Columns:
        return Columns(dict(self.inputs), tuple(self.steps), dict(self.items), results)
