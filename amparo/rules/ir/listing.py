"""Lists: chosen, mapped, folded, sorted; over the items of a column, or over items written out.

The items of a column are rows of a relation of their own, so a fold is a GROUP BY by claim. What
FEEL says of the empty list and of null among the items is spelled out here: SQL skips both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, Literal

from amparo.rules.ir import dates, numbers, shapes
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import (
    FALSE,
    MAYBE_NULL,
    NULL,
    ROWS,
    TRUE,
    Aggregate,
    And,
    Case,
    Column,
    Compare,
    Constant,
    Expr,
    Extreme,
    IsTrue,
    Lookup,
    Rank,
    all_of,
    any_of,
    day,
    is_null,
    is_true,
    negation,
    null_of,
    number,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import (
    BOOLEAN,
    FIRST_DAY,
    MAYBE,
    BooleanType,
    DateType,
    DaysType,
    MonthsType,
    NullType,
    NumberType,
    ScalarType,
    TextType,
    kind_name,
    union,
    whole,
    with_null,
)
from amparo.rules.ir.values import Context, Items, Joined, Listed, Lowered, Value

ONE_LIST: Final = "It runs in the interpreter; nothing need be done."
PLACE: Final = "__place"
# A table of numbers far apart is asked number by number: beyond this many gaps, or half of it.
MOST_GAPS: Final = 100
Condition = Callable[[Value], Lowered]


def exists(builder: Builder, items: Items, condition: Expr) -> Expr:
    """Say whether a condition holds for an item; false for none."""
    held, of_claim = _parted(builder, all_of(items.where, is_true(condition)))
    if held == FALSE:
        return FALSE
    node = Aggregate(BOOLEAN, "any", items.relation, builder.let(held, "holds"), None)
    return all_of(of_claim, builder.aggregate(node, "some"))


def _parted(builder: Builder, where: Expr) -> tuple[Expr, Expr]:
    """Part a condition of items into what is asked of an item and what is asked of its claim.

    A fold then waits for nothing that its items do not need, and shares one reading of the list
    with others. Neither part is null.
    """
    of_item: list[Expr] = []
    of_claim: list[Expr] = []
    waiting = [where]
    while waiting:
        one = waiting.pop(0)
        if builder.relation_of(one) == ROWS:
            of_claim.append(is_true(one))
            continue
        meant = builder.meaning(one)
        if isinstance(meant, And):
            waiting = [*meant.items, *waiting]
        else:
            of_item.append(is_true(one))
    if all(one == TRUE for one in of_claim):
        return where, TRUE
    return all_of(*of_item), all_of(*of_claim)


def number_of(builder: Builder, items: Items) -> Expr:
    """Count the items; nought where the list is null."""
    if items.where == FALSE:
        return number(0)
    held, of_claim = _parted(builder, items.where)
    where = None if held == TRUE else builder.let(held, "holds")
    kind = whole(0, items.max_items, nullable=False)
    found = builder.aggregate(Aggregate(kind, "count", items.relation, None, where), "count")
    if of_claim == TRUE:
        return found
    return builder.let(Case(kind, ((of_claim, found),), number(0)), "count")


def choose(builder: Builder, source: Value, condition: Condition) -> Lowered:
    """Keep the items for which a condition is true; null among the answers is a doubt."""
    if shapes.is_null_value(source):
        return Lowered(Listed.of([]))
    match source:
        case Items():
            asked = condition(source.item)
            answer = builder.let(shapes.column(asked.value), "condition")
            unsure = any_of(asked.doubt, is_null(answer))
            kept = builder.let(all_of(source.where, is_true(answer)), "kept")
            if source.rank is not None or not source.has_order:
                raise Refused("A sorted list is filtered", ONE_LIST)
            doubt = exists(builder, source, unsure)
            return Lowered(replace(source, absent=FALSE, where=kept), doubt)
        case Listed():
            return _choose_listed(builder, source, condition)
        case _:
            raise Refused("A value that is no list is filtered", ONE_LIST)


def _choose_listed(builder: Builder, source: Listed, condition: Condition) -> Lowered:
    present: list[Expr] = []
    doubts: list[Expr] = []
    for here, item in zip(source.present, source.items, strict=True):
        asked = condition(item)
        answer = builder.let(shapes.column(asked.value), "condition")
        present.append(builder.let(all_of(here, is_true(answer)), "kept"))
        doubts.append(all_of(here, any_of(asked.doubt, is_null(answer))))
    return Lowered(Listed(source.items, tuple(present)), any_of(*doubts))


def constant_keys(source: Listed, name: str) -> list[int] | None:
    """Give the entry of every item, where each is a context and has a whole number there."""
    found: list[int] = []
    for item in source.items:
        entry = item.entries.get(name) if isinstance(item, Context) else None
        value = entry.value if isinstance(entry, Constant) else None
        if not isinstance(value, Decimal) or value != int(value):
            return None
        found.append(int(value))
    return found


def looked_up(builder: Builder, source: Listed, keys: Sequence[int], wanted: Expr) -> Listed:
    """Keep the items of a key: as many places as items share one, each place looked up.

    keys: of every item. wanted: a whole number; null keeps nothing.
    """
    places: dict[int, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    if isinstance(wanted, Constant):
        kept = places.get(int(wanted.value), []) if isinstance(wanted.value, Decimal) else []
        return Listed(
            tuple(source.items[at] for at in kept), tuple(source.present[at] for at in kept)
        )
    kind = numbers.number_kind(wanted)
    near = {key: held for key, held in places.items() if kind.low <= key <= kind.high}
    items: list[Value] = []
    present: list[Expr] = []
    for turn in range(max(map(len, near.values()), default=0)):
        rows = {key: held[turn] for key, held in sorted(near.items()) if len(held) > turn}
        items.append(
            _item_by_key(builder, wanted, {key: source.items[at] for key, at in rows.items()})
        )
        here = {key: source.present[at] for key, at in rows.items()}
        present.append(builder.let(_present_by_key(builder, wanted, here), "kept"))
    return Listed(tuple(items), tuple(present))


def _item_by_key(builder: Builder, wanted: Expr, items: Mapping[int, Value]) -> Value:
    contexts = [item for item in items.values() if isinstance(item, Context)]
    entries: dict[str, Value] = {}
    for name in contexts[0].entries:
        values = {
            key: item.entries.get(name, NULL) for key, item in zip(items, contexts, strict=True)
        }
        found = _by_key(builder, wanted, values)
        entries[name] = builder.let(found, name) if isinstance(found, Expr) else found
    return Context(entries)


def _by_key(builder: Builder, wanted: Expr, values: Mapping[int, Value]) -> Value:
    """Give the value of a key, from a table where all are constants of one kind."""
    first = next(iter(values.values()))
    if all(value == first for value in values.values()):
        return first
    kind: ScalarType | None = NullType()
    rows: list[tuple[int, Constant]] = []
    for key, value in values.items():
        if isinstance(value, Constant) and value.value is not None and kind is not None:
            kind = union(kind, shapes.scalar_type(value))
            rows.append((key, value))
    span = max(values) - min(values) + 1
    if kind is not None and len(rows) == len(values) and span <= MOST_GAPS + 2 * len(values):
        return Lookup(with_null(kind, nullable=True), wanted, tuple(rows))
    branches = [(shapes.same(builder, wanted, number(key)), value) for key, value in values.items()]
    return shapes.select(branches, NULL)


def _present_by_key(builder: Builder, wanted: Expr, present: Mapping[int, Expr]) -> Expr:
    """Say whether there is an item of a key; those of a parameter are there from a day on."""
    keys = {key: number(key) for key in present}
    is_known = negation(is_null(shapes.column(_by_key(builder, wanted, keys))))
    if len(keys) == 1:
        is_known = shapes.same(builder, wanted, number(next(iter(keys))))
    if all(here == TRUE for here in present.values()):
        return is_known
    known = [_since(builder, here) for here in present.values()]
    moments = {since[0] for since in known if since is not None}
    moment = moments.pop() if len(moments) == 1 else NULL
    always = None if moment.type.nullable else day(FIRST_DAY)
    days = {
        key: since[1] if since is not None else always if here == TRUE else None
        for (key, here), since in zip(present.items(), known, strict=True)
    }
    turns = {key: turn for key, turn in days.items() if turn is not None}
    if moment != NULL and len(turns) == len(present):
        since = builder.let(shapes.column(_by_key(builder, wanted, turns)), "since")
        has_come = is_true(Compare(MAYBE, ">=", moment, since))
        return all_of(is_known, has_come) if isinstance(since, Constant) else has_come
    return any_of(
        *(all_of(shapes.same(builder, wanted, number(key)), here) for key, here in present.items())
    )


def _since(builder: Builder, present: Expr) -> tuple[Expr, Constant] | None:
    """Give what is compared with a day, and that day, where a truth value is just that."""
    meant = builder.meaning(present)
    if isinstance(meant, IsTrue):
        meant = builder.meaning(meant.operand)
    elif meant.type.nullable:
        return None
    if isinstance(meant, Compare) and meant.operator == ">=" and isinstance(meant.right, Constant):
        return meant.left, meant.right
    return None


def each(builder: Builder, source: Value, result: Condition) -> Lowered:
    """Map every item. Null instead of a list gives null."""
    match source:
        case Items():
            found = result(source.item)
            value = shapes.bound(builder, found.value, "item")
            return Lowered(replace(source, item=value), exists(builder, source, found.doubt))
        case Listed():
            mapped = [result(item) for item in source.items]
            doubt = any_of(
                *(
                    all_of(here, found.doubt)
                    for here, found in zip(source.present, mapped, strict=True)
                )
            )
            values = tuple(found.value for found in mapped)
            return Lowered(replace(source, items=values, last=None), doubt)
        case _:
            raise Refused("An iteration over a value that is no list", ONE_LIST)


def quantify(builder: Builder, source: Value, condition: Condition, *, decisive: bool) -> Lowered:
    """Some (decisive: true) or every (decisive: false), three-valued."""
    match source:
        case Items():
            asked = condition(source.item)
            answer = builder.let(shapes.column(asked.value), "condition")
            if asked.doubt != FALSE:
                raise Refused("A condition of some or every may rest on missing data", ONE_LIST)
            settled = exists(builder, source, answer if decisive else negation(answer))
            unknown = exists(builder, source, is_null(answer))
            found = shapes.select(
                [
                    (source.absent, MAYBE_NULL),
                    (settled, TRUE if decisive else FALSE),
                    (unknown, MAYBE_NULL),
                ],
                FALSE if decisive else TRUE,
            )
            return Lowered(found)
        case Listed():
            return _quantify_listed(builder, source, condition, decisive=decisive)
        case _:
            raise Refused("A quantifier over a value that is no list", ONE_LIST)


def distinct(builder: Builder, source: Value) -> Value:
    """Keep the first of equal items, null among them."""
    if not isinstance(source, Items) or source.rank is not None or not source.has_order:
        raise Refused("The distinct values of such a list", ONE_LIST)
    value = builder.let(shapes.column(source.item), "item")
    if isinstance(value.type, NumberType) and value.type.quotients:
        raise Refused("The distinct values of quotients", numbers.ROUND_FIRST)
    where = None if source.where == TRUE else builder.let(source.where, "holds")
    kind = whole(1, source.max_items, nullable=where is not None)
    rank = builder.let(Rank(kind, source.relation, (), where, (value,)), "time")
    is_first = is_true(Compare(MAYBE, "=", rank, number(1)))
    kept = builder.let(all_of(source.where, is_first), "first of its kind")
    return replace(source, where=kept)


def _quantify_listed(
    builder: Builder, source: Listed, condition: Condition, *, decisive: bool
) -> Lowered:
    answers: list[Expr] = []
    doubt: Expr = FALSE
    asked = [condition(item) for item in source.items]
    for here, one in zip(source.present, asked, strict=True):
        answer = shapes.column(one.value)
        answers.append(all_of(here, answer) if decisive else any_of(negation(here), answer))
    for here, one in reversed(list(zip(source.present, asked, strict=True))):
        answer = shapes.column(one.value)
        ends = is_true(answer if decisive else negation(answer))
        doubt = any_of(all_of(here, one.doubt), all_of(negation(all_of(here, ends)), doubt))
    found = shapes.select(
        [(source.absent, MAYBE_NULL)], any_of(*answers) if decisive else all_of(*answers)
    )
    return Lowered(builder.let(shapes.column(found), "quantified"), doubt)


def item_at(builder: Builder, source: Value, place: Decimal) -> Value:
    """Take an item by its place, from 1, or from the end when negative; null beyond the list."""
    if place != int(place) or place == 0:
        return NULL
    if shapes.is_null_value(source):
        return NULL
    match source:
        case Listed() if abs(place) > len(source.items):
            return NULL
        case Listed():
            return _listed_at(builder, source, int(place))
        case Items() if abs(place) > source.max_items:
            return NULL
        case Items():
            return _row_at(builder, source, int(place))
        case _:
            raise Refused("An item is taken from a value that is no list", ONE_LIST)


def item_by(builder: Builder, source: Value, index: Expr) -> Value:
    """Take an item by a place that differs from row to row; null beyond the list."""
    if numbers.number_kind(index).quotients:
        raise Refused("An index is a quotient", numbers.ROUND_FIRST)
    match source:
        case Listed():
            return _listed_by(builder, source, index)
        case Items():
            return _row_by(builder, source, index)
        case _:
            raise Refused("An item is taken from a value that is no list", ONE_LIST)


def _listed_by(builder: Builder, source: Listed, index: Expr) -> Value:
    kind = numbers.number_kind(index)
    count = len(source.items)
    if any(here != source.present[0] for here in source.present):
        raise Refused("A place in a list of which items may be missing", ONE_LIST)
    branches: list[tuple[Expr, Value]] = []
    for place, item in enumerate(source.items, start=1):
        is_it = [
            shapes.same(builder, index, number(wanted))
            for wanted in (place, place - count - 1)
            if kind.low <= wanted <= kind.high
        ]
        branches.append((all_of(source.present[0], any_of(*is_it)), item))
    return shapes.select(branches, NULL)


def _row_by(builder: Builder, items: Items, index: Expr) -> Value:
    rank = ranked(builder, items)
    is_it: Expr = is_true(Compare(MAYBE, "=", rank, index))
    if numbers.number_kind(index).low < 0:
        end = numbers.add(builder, number_of(builder, items), number(1), "+")
        wanted = builder.let(numbers.add(builder, end, index, "+"), "from the end")
        is_negative = is_true(Compare(MAYBE, "<", index, number(0)))
        from_end = is_true(Compare(MAYBE, "=", rank, wanted))
        is_it = any_of(is_it, all_of(is_negative, from_end))
    return _picked(builder, items, all_of(items.where, builder.let(is_it, "at place")))


def _listed_at(builder: Builder, source: Listed, place: int) -> Value:
    if place == -1 and source.last is not None:
        return source.last
    pairs = list(zip(source.present, source.items, strict=True))
    if place < 0:
        pairs.reverse()
    if all(here == TRUE for here, _ in pairs):
        return pairs[abs(place) - 1][1] if abs(place) <= len(pairs) else NULL
    branches: list[tuple[Expr, Value]] = []
    if abs(place) == 1:
        return shapes.select(pairs, NULL)
    before: Expr = number(0)
    for here, item in pairs:
        is_it = all_of(here, shapes.same(builder, before, number(abs(place) - 1)))
        branches.append((builder.let(is_it, "at place"), item))
        one = shapes.column(shapes.select([(here, number(1))], number(0)))
        before = builder.let(numbers.add(builder, before, one, "+"), "places")
    return shapes.select(branches, NULL)


def ranked(builder: Builder, items: Items) -> Expr:
    """Give every item its place among those there are."""
    if not items.has_order:
        raise Refused("The order of the list differs from row to row", ONE_LIST)
    if items.rank is not None:
        return items.rank
    if items.where == TRUE:
        kind = whole(1, items.max_items, nullable=False)
        return Column(kind, items.relation, PLACE)
    where = builder.let(items.where, "holds")
    kind = whole(1, items.max_items, nullable=True)
    return builder.let(Rank(kind, items.relation, (), where), "place")


def _row_at(builder: Builder, items: Items, place: int) -> Value:
    rank = ranked(builder, items)
    wanted: Expr = number(place)
    if place < 0:
        counted = number_of(builder, items)
        wanted = numbers.add(builder, counted, number(place + 1), "+")
    is_it = builder.let(is_true(Compare(MAYBE, "=", rank, wanted)), "at place")
    return _picked(builder, items, all_of(items.where, is_it))


def _picked(builder: Builder, items: Items, where: Expr) -> Value:
    """Read the one item for which a condition holds; null for none."""
    where = builder.let(where, "picked")

    def leaf(value: Expr) -> Expr:
        kind = with_null(shapes.scalar_type(value), nullable=True)
        if kind == NULL.type:
            return NULL
        held = builder.let(value, "item")
        return builder.aggregate(Aggregate(kind, "one", items.relation, held, where), "picked item")

    def read(value: Value) -> Value:
        if isinstance(value, Context):
            there = Aggregate(BOOLEAN, "any", items.relation, where, None)
            found = builder.aggregate(there, "is there")
            if value.absent != FALSE:
                raise Refused("An item of the list may be null", ONE_LIST)
            return Context(
                {name: read(entry) for name, entry in value.entries.items()}, negation(found)
            )
        return leaf(shapes.column(value))

    return read(items.item)


def sort(
    builder: Builder, source: Value, key_of: Callable[[Value], Expr] | None, *, descends: bool
) -> Value:
    """Sort by one key; equal keys keep their order. A null key has no order: the sort is null."""
    if not isinstance(source, Items):
        raise Refused("A list that is written out is sorted", ONE_LIST)
    if source.rank is not None or not source.has_order:
        raise Refused("A sorted list is sorted again", ONE_LIST)
    key = builder.let(shapes.column(source.item) if key_of is None else key_of(source.item), "key")
    if not isinstance(key.type, NumberType | TextType | DateType | MonthsType | DaysType):
        raise Refused(f"A list is sorted by a {kind_name(key.type)}", "Sort by a number or date.")
    if isinstance(key.type, NumberType) and key.type.quotients:
        raise Refused("A list is sorted by a quotient", numbers.ROUND_FIRST)
    absent = source.absent
    if key.type.nullable:
        unknown = exists(builder, source, shapes.lacks(builder, key))
        several = Compare(BOOLEAN, ">", number_of(builder, source), number(1))
        # A lone value is not compared, unless no function says how.
        hinders = unknown if key_of is None else all_of(unknown, several)
        if key_of is None:
            raise Refused("A plain sort of values that may be null", ONE_LIST)
        absent = builder.let(any_of(absent, hinders), "no order")
    where = None if source.where == TRUE else builder.let(source.where, "holds")
    kind = whole(1, source.max_items, nullable=where is not None)
    rank = builder.let(Rank(kind, source.relation, ((key, descends),), where), "rank")
    kept = builder.let(all_of(source.where, negation(absent)), "in order")
    return replace(source, absent=absent, where=kept, rank=rank)


def sublist(builder: Builder, source: Value, start: Expr, length: Expr | None) -> Value:
    """Take some items from a place on; null where the list has not so many."""
    if isinstance(source, Listed):
        raise Refused("A part of a list that is written out", ONE_LIST)
    if not isinstance(source, Items):
        raise Refused("A part of a value that is no list", ONE_LIST)
    for value in (start, *(() if length is None else (length,))):
        if not isinstance(value.type, NumberType) or value.type.scale or value.type.quotients:
            raise Refused("A place or length may be no whole number", "Round it first.")
    first = numbers.number_kind(start)
    if first.low < 1:
        raise Refused("A part of a list is counted from its end, or from nowhere", ONE_LIST)
    start = builder.let(start, "start")
    size = number_of(builder, source)
    rank = ranked(builder, source)
    outside = [is_null(start), is_true(Compare(MAYBE, ">", start, size))]
    within: list[Expr] = [is_true(Compare(MAYBE, ">=", rank, start))]
    if length is not None:
        length = builder.let(length, "length")
        # A length of null is no length: the rest of the list. That is left to the interpreter.
        builder.escape(is_null(length))
        end = builder.let(numbers.add(builder, start, length, "+"), "end")
        outside.append(is_true(Compare(MAYBE, "<", length, number(1))))
        beyond = numbers.add(builder, size, number(1), "+")
        outside.append(is_true(Compare(MAYBE, ">", end, beyond)))
        within.append(is_true(Compare(MAYBE, "<", rank, end)))
    absent = builder.let(any_of(source.absent, *outside), "no such part")
    kept = builder.let(all_of(source.where, *within, negation(absent)), "in part")
    moved = source.rank
    if moved is not None:
        kind = whole(1, source.max_items, nullable=True)
        moved = builder.let(Rank(kind, source.relation, ((rank, False),), kept), "rank")
    return replace(source, absent=absent, where=kept, rank=moved)


# Folds ----------------------------------------------------------------------------------------


def joined(builder: Builder, values: Sequence[Value]) -> Value:
    """Put lists one after the other; one that is null makes the whole null."""
    parts: list[Items | Listed] = []
    for value in values:
        if shapes.is_null_value(value):
            return NULL
        if isinstance(value, Joined):
            parts += value.parts
        elif isinstance(value, Items | Listed) and not (
            isinstance(value, Items) and (value.rank is not None or not value.has_order)
        ):
            parts.append(value)
        else:
            raise Refused("Such lists are put one after the other", ONE_LIST)
    absent = builder.let(any_of(*(shapes.absent(value) for value in values)), "no list")
    if all(isinstance(part, Listed) for part in parts):
        listed = [part for part in parts if isinstance(part, Listed)]
        return Listed(
            tuple(item for part in listed for item in part.items),
            tuple(here for part in listed for here in part.present),
            absent,
        )
    return Joined(tuple(parts), absent)


def _sum_joined(builder: Builder, source: Joined) -> Expr:
    """Sum part by part: a part without items adds nothing, unless no part has any."""
    total: Expr = number(0)
    unknown: list[Expr] = [source.absent]
    some: list[Expr] = []
    for part in source.parts:
        found = builder.let(fold(builder, "sum", replace(part, absent=FALSE)), "part of sum")
        counted = builder.let(count(builder, replace(part, absent=FALSE)), "part of count")
        if not isinstance(found.type, NumberType) or found.type.quotients:
            raise Refused("A sum of what are no exact numbers", ONE_LIST)
        is_empty = shapes.same(builder, counted, number(0))
        some.append(negation(is_empty))
        unknown.append(all_of(negation(is_empty), is_null(found)))
        adds = shapes.column(shapes.select([(is_empty, number(0))], found))
        total = builder.let(numbers.add(builder, total, adds, "+"), "sum")
    return shapes.nulled(total, any_of(*unknown, negation(any_of(*some))))


def _scalars(source: Value) -> tuple[list[Expr], list[Expr]]:
    """Give the values of a list written out, and where each is present."""
    assert isinstance(source, Listed)  # noqa: S101 - the caller asked
    return [shapes.column(item) for item in source.items], list(source.present)


def count(builder: Builder, source: Value) -> Expr:
    match source:
        case Items():
            return shapes.nulled(number_of(builder, source), source.absent)
        case Listed():
            total: Expr = number(0)
            for here in source.present:
                one = shapes.column(shapes.select([(here, number(1))], number(0)))
                total = builder.let(numbers.add(builder, total, one, "+"), "count")
            return shapes.nulled(total, source.absent)
        case _:
            raise Refused("A value that is no list is counted", ONE_LIST)


def fold(builder: Builder, kind: Literal["sum", "min", "max"], source: Value) -> Expr:
    """Sum, or take the least or greatest: null for no items, and as soon as one is null."""
    match source:
        case Items():
            return _fold_rows(builder, kind, source)
        case Listed():
            return shapes.nulled(_fold_listed(builder, kind, source), source.absent)
        case Joined() if kind == "sum":
            return _sum_joined(builder, source)
        case _:
            raise Refused("A value that is no list is folded", ONE_LIST)


def _fold_rows(builder: Builder, kind: Literal["sum", "min", "max"], items: Items) -> Expr:
    value = builder.let(shapes.column(items.item), "item")
    of = value.type
    if isinstance(of, NumberType) and of.quotients and kind == "sum":
        raise Refused("Quotients that are not rounded are summed", numbers.ROUND_FIRST)
    if kind == "sum":
        if not isinstance(of, NumberType):
            raise Refused(f"A sum of {kind_name(of)} values", "Sum numbers.")
        result = numbers.sum_of(of, items.max_items)
    else:
        if not isinstance(of, NumberType | TextType | DateType | MonthsType | DaysType):
            raise Refused(f"The extreme of {kind_name(of)} values", "Use numbers or dates.")
        result = with_null(of, nullable=True)  # type: ignore[assignment]  # of a number a number
    if items.where == FALSE:
        return null_of(result)
    held, of_claim = _parted(builder, items.where)
    where = None if held == TRUE else builder.let(held, "holds")
    found = builder.aggregate(Aggregate(result, kind, items.relation, value, where), kind)
    unknown = exists(builder, items, is_null(value))
    nothing = any_of(items.absent, negation(of_claim), unknown)
    return builder.let(shapes.nulled(found, nothing), kind)


def _fold_listed(builder: Builder, kind: Literal["sum", "min", "max"], source: Listed) -> Expr:
    values, present = _scalars(source)
    if not values:
        return NULL
    if any(isinstance(value.type, type(NULL.type)) for value in values):
        if all(here == TRUE for here in present):
            return NULL
        raise Refused("A list holds null itself", ONE_LIST)
    if len({type(value.type) for value in values}) > 1:
        raise Refused("A list of several kinds is folded", "Use values of one type.")
    if all(here == TRUE for here in present):
        return _fold_all(builder, kind, values)
    if kind != "sum":
        return _extreme_of_some(builder, kind, values, present)
    total: Expr = number(0)
    for here, value in zip(present, values, strict=True):
        part = shapes.column(shapes.select([(here, value)], number(0)))
        total = builder.let(numbers.add(builder, total, part, "+"), "sum")
    return shapes.nulled(total, negation(any_of(*present)))


def _fold_all(builder: Builder, kind: Literal["sum", "min", "max"], values: list[Expr]) -> Expr:
    if kind == "sum":
        total = values[0]
        for value in values[1:]:
            if isinstance(total.type, MonthsType | DaysType):
                total = dates.add(total, value, minus=False)
            elif isinstance(total.type, NumberType):
                total = builder.let(numbers.add(builder, total, value, "+"), "sum")
            else:
                raise Refused(f"A sum of {kind_name(total.type)} values", "Sum numbers.")
        return total
    return extreme(builder, kind, values)


def extreme(builder: Builder, kind: Literal["min", "max"], values: Sequence[Expr]) -> Expr:
    first = values[0].type
    if len(values) == 1:
        if isinstance(first, BooleanType):
            raise Refused("The extreme of truth values", ONE_LIST)
        return values[0]
    if isinstance(first, NumberType):
        known = numbers.extreme(builder, kind, values)
        return _without_idle(known, kind)
    if not isinstance(first, DateType | TextType | MonthsType | DaysType):
        raise Refused(f"The extreme of {kind_name(first)} values", "Use numbers or dates.")
    joined: ScalarType | None = first
    for value in values[1:]:
        joined = union(joined or first, shapes.scalar_type(value))
    if joined is None:
        raise Refused("The extreme of values of several kinds", "Use values of one type.")
    return Extreme(joined, kind, tuple(values))


def _without_idle(value: Expr, kind: Literal["min", "max"]) -> Expr:
    """Drop items that can never be the extreme, where none can be null."""
    if not isinstance(value, Extreme) or value.type.nullable:
        return value
    kinds = [numbers.number_kind(item) for item in value.items]
    if any(known.quotients for known in kinds):
        return value
    if kind == "min":
        least = min(known.high for known in kinds)
        kept = [item for item in value.items if numbers.number_kind(item).low <= least]
    else:
        most = max(known.low for known in kinds)
        kept = [item for item in value.items if numbers.number_kind(item).high >= most]
    return kept[0] if len(kept) == 1 else replace(value, items=tuple(kept))


def _extreme_of_some(
    builder: Builder, kind: Literal["min", "max"], values: list[Expr], present: list[Expr]
) -> Expr:
    """Take the extreme of those that are there, one after the other."""
    known = _constants_in_order(kind, values, present)
    if known is not None:
        return shapes.column(shapes.select(known, NULL))
    best: Expr = shapes.nulled(values[0], negation(present[0]))
    some = present[0]
    unknown = all_of(present[0], is_null(values[0]))
    for here, value in zip(present[1:], values[1:], strict=True):
        best = builder.let(best, "best")
        both = extreme(builder, kind, [best, value])
        chosen = shapes.select([(negation(here), best), (negation(some), value)], both)
        best = shapes.column(chosen)
        unknown = any_of(unknown, all_of(here, is_null(value)))
        some = builder.let(any_of(some, here), "some")
    return shapes.nulled(best, any_of(negation(some), unknown))


def _constants_in_order(
    kind: Literal["min", "max"], values: list[Expr], present: list[Expr]
) -> list[tuple[Expr, Value]] | None:
    """Order known numbers so that the first of them that is there is the extreme."""
    known = [
        (value.value, here, value)
        for value, here in zip(values, present, strict=True)
        if isinstance(value, Constant) and isinstance(value.value, Decimal)
    ]
    if len(known) < len(values):
        return None
    known.sort(key=lambda item: item[0], reverse=kind == "max")
    return [(here, value) for _, here, value in known]


def contains(builder: Builder, source: Value, element: Value) -> Expr:
    match source:
        case Items():
            found = exists(builder, source, shapes.same(builder, source.item, element))
            return shapes.column(shapes.select([(source.absent, MAYBE_NULL)], found))
        case Listed():
            held = any_of(
                *(
                    all_of(here, shapes.same(builder, item, element))
                    for here, item in zip(source.present, source.items, strict=True)
                )
            )
            return shapes.column(shapes.select([(source.absent, MAYBE_NULL)], held))
        case _:
            raise Refused("A value that is no list is searched", ONE_LIST)


def mean(builder: Builder, source: Value) -> Expr:
    """Divide the sum by the count: a quotient, which wants rounding."""
    total = builder.let(fold(builder, "sum", source), "sum")
    how_many = builder.let(count(builder, source), "count")
    if not isinstance(total.type, NumberType):
        raise Refused("The mean of what is no number", ONE_LIST)
    return numbers.divide(builder, total, how_many)
