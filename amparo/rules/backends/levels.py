"""Columns to one statement: levels of common tables, each resting on the one before."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from amparo.rules.backends.emitter import ROW, Emitter
from amparo.rules.backends.folds import (
    folded_in_place,
    folded_keys,
    item_columns,
    items_behind,
    rank_of_keys,
)
from amparo.rules.ir.nodes import (
    ROWS,
    Aggregate,
    Expr,
    Rank,
    Relation,
    columns_in,
    parts,
)
from amparo.rules.ir.plan import Columns, Step


def statement(emitter: Emitter, columns: Columns, *, source: str, results: Sequence[str]) -> str:
    """Write the whole as chained common tables over ``source``, which has a column __row."""
    return _Statement(emitter, columns).text(source, results)


class _Statement:
    """Columns in levels: a level computes all that the levels before it make possible.

    The items of a list are taken apart at each level that folds them up again, with just the
    columns that level needs: so an item may use what was folded from the same list before.
    """

    def __init__(self, emitter: Emitter, columns: Columns) -> None:
        self.emitter = emitter
        self.columns = columns
        self.steps = {step.name: step for step in columns.steps}
        self.item_steps = {
            step.name: step for items in columns.items.values() for step in items.steps
        }
        self.level: dict[str, int] = {}
        self.last_use: dict[str, int] = {}
        self.in_place: dict[str, str] = {}
        self.by_keys: dict[str, Rank] = {}
        self.keys: dict[Rank, str] = {}

    def text(self, source: str, results: Sequence[str]) -> str:
        levels = self._levels(results)
        self._note_last_uses(levels, results)
        tables: list[str] = []
        before = source
        for number, steps in enumerate(levels, start=1):
            before = self._add_level(tables, before, number, steps)
        chosen = ", ".join(self.emitter.quote(name) for name in (ROW, *results))
        head = "WITH " + ",\n".join(tables) + "\n" if tables else ""
        return f"{head}SELECT {chosen} FROM {self.emitter.quote(before)}"

    def _levels(self, results: Sequence[str]) -> list[list[Step]]:
        needed = self._needed(results)
        steps = [step for step in self.columns.steps if step.name in needed]
        reads = {step.name: self._row_columns(step.value) for step in steps}
        for step in steps:
            if isinstance(step.value, Aggregate):
                found = folded_in_place(self.emitter, self.columns, step.value)
                rank = rank_of_keys(self.emitter, self.columns, step.value)
                if found is not None:
                    self.in_place[step.name] = found
                elif rank is not None:
                    self.by_keys[step.name] = rank
                    self.keys.setdefault(rank, f"keys {len(self.keys) + 1}")
        self._place(steps, reads, {})
        earliest = dict(self.level)
        self._postpone(steps, reads, results, is_fixed=lambda _: False)
        together = _passes(
            [step for step in steps if self._is_grouped(step)], earliest, dict(self.level)
        )
        self._place(steps, reads, together)
        self._postpone(steps, reads, results, is_fixed=self._is_grouped)
        levels: list[list[Step]] = [[] for _ in range(max(self.level.values(), default=0))]
        for step in steps:
            levels[self.level[step.name] - 1].append(step)
        return levels

    def _place(
        self, steps: Sequence[Step], reads: Mapping[str, set[str]], least: Mapping[str, int]
    ) -> None:
        """Give each step the first level at which all that it reads is there. least: or later."""
        self.level = {}
        for step in steps:
            rests_on = [self.level.get(name, 0) for name in reads[step.name]]
            self.level[step.name] = max(max(rests_on, default=0) + 1, least.get(step.name, 0))

    def _postpone(
        self,
        steps: Sequence[Step],
        reads: Mapping[str, set[str]],
        results: Sequence[str],
        *,
        is_fixed: Callable[[Step], bool],
    ) -> None:
        """Compute a column just before it is read: a wide table at every level costs a planner."""
        first_use: dict[str, int] = {}
        for step in reversed(steps):
            if not is_fixed(step) and step.name not in results:
                self.level[step.name] = first_use[step.name] - 1
            for name in reads[step.name]:
                level = self.level[step.name]
                first_use[name] = min(level, first_use.get(name, level))

    def _note_last_uses(self, levels: Sequence[Sequence[Step]], results: Sequence[str]) -> None:
        for level, steps in enumerate(levels, start=1):
            for step in steps:
                for name in self._row_columns(step.value):
                    self.last_use[name] = level
        for name in results:
            self.last_use[name] = len(levels) + 1

    def _dropped(self, number: int) -> list[str]:
        """Give the columns that were read last at a level, or never at all."""
        known = [name for name in self.columns.inputs if number == 1 or name in self.last_use]
        known += [name for name, level in self.level.items() if level < number]
        return [
            name
            for name in known
            if self.last_use.get(name, 0) == number or (number == 1 and name not in self.last_use)
        ]

    def _needed(self, results: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(results)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            if name in self.steps:
                waiting.extend(self._row_columns(self.steps[name].value))
        return found

    def _row_columns(self, node: Expr) -> set[str]:
        """Give the columns of the claim an expression rests on, through the items of lists too."""
        found = {column.name for column in columns_in(node) if column.relation == ROWS}
        for part in _aggregates(node):
            found.add(self.columns.items[part.over].list_column)
        for name in item_columns(node):
            step = self.item_steps.get(name)
            if step is not None:
                found |= self._row_columns(step.value)
        return found

    def _add_level(self, tables: list[str], before: str, number: int, steps: list[Step]) -> str:
        emit = self.emitter
        plain = [step for step in steps if not self._is_grouped(step)]
        grouped = [step for step in steps if self._is_grouped(step)]
        relations = list(dict.fromkeys(_over(step) for step in grouped))
        chosen = [emit.all_but("c", self._dropped(number))]
        joins = ""
        for relation in relations:
            mine = [step for step in grouped if _over(step) == relation]
            folded = self._fold(tables, before, number, relation, mine)
            joins += f" LEFT JOIN {emit.quote(folded)} {_alias(relation)} USING ({emit.quote(ROW)})"
            chosen += [
                f"{self._beside(step, relation)} AS {emit.quote(step.name)}" for step in mine
            ]
        chosen += [f"{self._text_of(step)} AS {emit.quote(step.name)}" for step in plain]
        query = f"SELECT {_LINE.join(chosen)}\n  FROM {emit.quote(before)} c{joins}"
        name = f"c{number}"
        tables.append(emit.common_table(name, query, times_used=self._uses(number)))
        return name

    def _beside(self, step: Step, relation: Relation) -> str:
        """Read what was folded beside its claim."""
        emit, node = self.emitter, step.value
        assert isinstance(node, Aggregate)  # noqa: S101 - only folds are grouped
        if step.name in self.by_keys:
            keys = f"{_alias(relation)}.{emit.quote(self.keys[self.by_keys[step.name]])}"
            found = folded_keys(emit, self.columns, node, keys)
            assert found is not None  # noqa: S101 - it was asked before
            return found
        return emit.aggregated(node, f"{_alias(relation)}.{emit.quote(step.name)}")

    def _uses(self, number: int) -> int:
        """Count how often the table of a level is read by the next one."""
        after = [
            _over(self.steps[name])
            for name, level in self.level.items()
            if level == number + 1 and self._is_grouped(self.steps[name])
        ]
        return 1 + len(set(after))

    def _is_grouped(self, step: Step) -> bool:
        """Say whether a step groups items by claim; the others are expressions of the claim."""
        return isinstance(step.value, Aggregate) and step.name not in self.in_place

    def _text_of(self, step: Step) -> str:
        words = self.emitter.worded(step.value) if step.name in self.emitter.in_words else None
        return words or self.in_place.get(step.name) or self.emitter.emit(step.value)

    def _fold(
        self, tables: list[str], before: str, level: int, relation: Relation, steps: list[Step]
    ) -> str:
        """Take a list apart, compute what its items need, and group by claim."""
        emit = self.emitter
        items = self.columns.items[relation]
        wanted = [node for step in steps for node in self._grouped_of(step)]
        needed = items_behind(self.columns, wanted)
        captured = {
            column.name
            for node in (*wanted, *(step.value for step in needed))
            for column in columns_in(node)
            if column.relation == ROWS
        }
        name = f"i{relation}_{level}"
        query = emit.unnested(items, before, sorted(captured))
        tables.append(emit.common_table(name, query, times_used=1))
        for depth, batch in enumerate(self._item_levels(needed), start=1):
            values = [f"{emit.emit(step.value)} AS {emit.quote(step.name)}" for step in batch]
            query = f"SELECT {_LINE.join(['*', *values])}\n  FROM {emit.quote(name)}"
            name = f"i{relation}_{level}_{depth}"
            tables.append(emit.common_table(name, query, times_used=1))
        values = [
            f"{emit.aggregate(step.value)} AS {emit.quote(step.name)}"
            for step in steps
            if isinstance(step.value, Aggregate) and step.name not in self.by_keys
        ]
        ranks = dict.fromkeys(
            self.by_keys[step.name] for step in steps if step.name in self.by_keys
        )
        values += [f"{self._sorted_keys(rank)} AS {emit.quote(self.keys[rank])}" for rank in ranks]
        row = emit.quote(ROW)
        query = f"SELECT {_LINE.join([row, *values])}\n  FROM {emit.quote(name)} GROUP BY {row}"
        folded = f"g{relation}_{level}"
        tables.append(emit.common_table(folded, query, times_used=1))
        return folded

    def _grouped_of(self, step: Step) -> list[Expr]:
        """Give the expressions of items that a fold needs where items are grouped."""
        if step.name not in self.by_keys:
            return [step.value]
        rank = self.by_keys[step.name]
        return [rank.by[0][0], *(() if rank.where is None else (rank.where,))]

    def _sorted_keys(self, rank: Rank) -> str:
        key, descends = rank.by[0]
        where = None if rank.where is None else self.emitter.emit(rank.where)
        listed = self.emitter.list_of(self.emitter.emit(key), where)
        found = listed and self.emitter.list_sorted(listed, descends=descends)
        assert found is not None  # noqa: S101 - the dialect was asked before
        return found

    def _item_levels(self, steps: Iterable[Step]) -> list[list[Step]]:
        level: dict[str, int] = {}
        levels: list[list[Step]] = []
        for step in steps:
            names = item_columns(step.value)
            level[step.name] = max((level.get(name, 0) for name in names), default=0) + 1
            while len(levels) < level[step.name]:
                levels.append([])
            levels[level[step.name] - 1].append(step)
        return levels


def _passes(
    steps: Sequence[Step], earliest: Mapping[str, int], latest: Mapping[str, int]
) -> dict[str, int]:
    """Put folds of one list on as few levels as they can be: a level reads the list once."""
    found: dict[str, int] = {}
    levels: dict[Relation, int] = {}
    for step in sorted(steps, key=lambda step: latest[step.name]):
        level = levels.get(_over(step))
        if level is None or level < earliest[step.name]:
            level = levels[_over(step)] = latest[step.name]
        found[step.name] = level
    return found


_LINE: Final = ",\n    "


def _alias(relation: Relation) -> str:
    return f"g{relation}"


def _over(step: Step) -> Relation:
    return step.value.over if isinstance(step.value, Aggregate) else ROWS


def _aggregates(node: Expr) -> Iterator[Aggregate]:
    if isinstance(node, Aggregate):
        yield node
    for part in parts(node):
        yield from _aggregates(part)
