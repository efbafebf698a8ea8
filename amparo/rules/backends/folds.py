"""Folds of a list where it stands, for dialects with functions of lists.

Taking a list apart, grouping its items by claim and joining the groups again costs several times
what such a function does. Where a fold asks for the rank of items, the list is sorted first, and
the place in the sorted list is the rank.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from amparo.rules.backends.emitter import AT, ITEM, PLACE, Emitter
from amparo.rules.ir.nodes import (
    ROWS,
    Aggregate,
    And,
    Case,
    Column,
    Compare,
    Expr,
    IsTrue,
    Rank,
    columns_in,
    number,
)
from amparo.rules.ir.plan import Columns, Step

# A fold whose text would be longer computes its items in columns that others share.
LONGEST: Final = 400


def folded_in_place(emitter: Emitter, columns: Columns, node: Aggregate) -> str | None:
    """Write a fold as an expression of the claim; None where it cannot be one."""
    relation = columns.items[node.over]
    needed = items_behind(columns, [node])
    source = emitter.quote(relation.list_column)
    known = {
        name: f"{ITEM}.{emitter.quote(field)}" if field else ITEM
        for field, (name, _) in relation.fields.items()
    }
    known[PLACE] = AT
    ranks = [step for step in needed if isinstance(step.value, Rank)]
    if not ranks:
        return _folded(emitter, node, source, needed, known)
    if len(ranks) > 1:
        return None
    return _Ranked(emitter, node, needed, ranks[0]).text(source, known)


def rank_of_keys(emitter: Emitter, columns: Columns, node: Aggregate) -> Rank | None:
    """Give the one rank a fold asks for, where it asks of an item nothing but this and the key."""
    needed = items_behind(columns, [node])
    ranks = [step for step in needed if isinstance(step.value, Rank)]
    if len(ranks) != 1 or emitter.list_of(ITEM, None) is None:
        return None
    ranked = _Ranked(emitter, node, needed, ranks[0])
    if len(ranked.rank.by) != 1 or ranked.rank.among or ranked.over_keys(ITEM) is None:
        return None
    return ranked.rank


def folded_keys(emitter: Emitter, columns: Columns, node: Aggregate, keys: str) -> str | None:
    """Write a fold over the keys of the ranked items in their order; see ``rank_of_keys``."""
    needed = items_behind(columns, [node])
    step = next(step for step in needed if isinstance(step.value, Rank))
    return _Ranked(emitter, node, needed, step).over_keys(keys)


def _folded(
    emitter: Emitter,
    node: Aggregate,
    source: str,
    needed: Iterable[Step],
    known: Mapping[str, str],
) -> str | None:
    texts = _texts(emitter, needed, known)
    wanted = [part for part in (node.value, node.where) if part is not None]
    if any(name not in texts for part in wanted for name in item_columns(part)):
        return None
    if any(len(text) > LONGEST for text in texts.values()):
        return None
    value, where = (_text(emitter, part, texts) for part in (node.value, node.where))
    return emitter.list_fold(node, source, value, where)


def _texts(emitter: Emitter, needed: Iterable[Step], known: Mapping[str, str]) -> dict[str, str]:
    """Write every step of an item out, as far as it rests on what is known."""
    texts = dict(known)
    for step in needed:
        if step.name in texts or not item_columns(step.value) <= texts.keys():
            continue
        text = _text(emitter, step.value, texts)
        if text is not None:
            texts[step.name] = text
    return texts


def _text(emitter: Emitter, node: Expr | None, texts: Mapping[str, str]) -> str | None:
    if node is None:
        return None
    emitter.of_item = texts
    try:
        return emitter.emit(node)
    finally:
        emitter.of_item = {}


class _Ranked:
    """A fold over items that have a rank: over their keys alone, in the order of the rank."""

    def __init__(self, emitter: Emitter, node: Aggregate, needed: list[Step], step: Step) -> None:
        assert isinstance(step.value, Rank)  # noqa: S101 - the caller asked
        self.emitter = emitter
        self.node = node
        self.needed = needed
        self.steps = {item.name: item.value for item in needed}
        self.step = step
        self.rank: Rank = step.value

    def text(self, source: str, known: Mapping[str, str]) -> str | None:
        rank = self.rank
        before = self.needed[: self.needed.index(self.step)]
        texts = _texts(self.emitter, before, known)
        if len(rank.by) == 1 and not rank.among:
            key, descends = rank.by[0]
            taken = self._taken(source, key, texts)
            ordered = taken and self.emitter.list_sorted(taken, descends=descends)
            return ordered and self.over_keys(ordered)
        if not rank.by and len(rank.among) == 1 and self._counts_first_ones():
            taken = self._taken(source, rank.among[0], texts)
            return taken and self.emitter.list_distinct(self.node, taken, rank.among[0].type)
        return None

    def _taken(self, source: str, key: Expr, texts: Mapping[str, str]) -> str | None:
        """Give the list of the keys of the items that are ranked."""
        if not isinstance(key, Column) or key.type.nullable or key.name not in texts:
            return None
        where = self.rank.where
        if where is not None and (not isinstance(where, Column) or where.name not in texts):
            return None
        if len(texts[key.name]) > LONGEST:
            return None
        is_ranked = None if where is None else texts[where.name]
        return self.emitter.list_taken(source, texts[key.name], is_ranked)

    def over_keys(self, ordered: str) -> str | None:
        """Fold what asks of an item nothing but its key and its rank, and takes no unranked one."""
        where, key = self.rank.where, self.rank.by[0][0]
        if not isinstance(key, Column) or not isinstance(where, Column | None):
            return None
        asked = self.node.value if self.node.kind == "any" else None
        held = self._conditions(self.node.where) | self._conditions(asked)
        if where is not None and where not in held:
            return None
        kind = self.emitter.type_name(self.rank.type)
        known = {key.name: ITEM, self.step.name: f"CAST({AT} AS {kind})"}
        if isinstance(where, Column):
            known[where.name] = "TRUE"
        return _folded(self.emitter, self.node, ordered, self.needed, known)

    def _counts_first_ones(self) -> bool:
        """Say whether the fold counts the items that are the first of their kind, all of them."""
        if self.node.kind != "count":
            return False
        rank = Column(self.rank.type, self.rank.over, self.step.name)
        others = self._conditions(self.node.where) - {self.rank.where}
        return len(others) == 1 and all(_is_equation(one, rank, number(1)) for one in others)

    def _conditions(self, node: Expr | None) -> set[Expr]:
        """Give what must all be true, through the columns that say so; columns themselves, too."""
        match node:
            case None:
                return set()
            case And():
                return {one for item in node.items for one in self._conditions(item)}
            case Column() if node == self.rank.where or node.name not in self.steps:
                return {node}
            case Column():
                return self._conditions(self.steps[node.name])
            case Case():
                chosen = (*(value for _, value in node.branches), node.otherwise)
                return {node, *set.intersection(*map(self._conditions, chosen))}
            case _:
                return {node}


def _is_equation(condition: Expr, left: Expr, right: Expr) -> bool:
    asked = condition.operand if isinstance(condition, IsTrue) else condition
    return isinstance(asked, Compare) and (asked.operator, asked.left, asked.right) == (
        "=",
        left,
        right,
    )


def item_columns(node: Expr) -> set[str]:
    """Give the columns of items that an expression reads."""
    return {column.name for column in columns_in(node) if column.relation != ROWS}


def items_behind(columns: Columns, wanted: Iterable[Expr]) -> list[Step]:
    """Give the steps of items that some expressions rest on, in their order."""
    steps = {step.name: step for items in columns.items.values() for step in items.steps}
    found: set[str] = set()
    waiting = [name for node in wanted for name in item_columns(node)]
    while waiting:
        name = waiting.pop()
        if name in found or name not in steps:
            continue
        found.add(name)
        waiting.extend(item_columns(steps[name].value))
    return [step for name, step in steps.items() if name in found]
