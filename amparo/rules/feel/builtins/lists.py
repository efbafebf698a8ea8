"""Built-ins on lists. Sums and extremes of a list with a null are null: nothing is skipped."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Final

from amparo.rules.feel.arithmetic import add
from amparo.rules.feel.builtins.registry import (
    a_boolean,
    a_list,
    a_number,
    a_position,
    builtin,
    compared,
)
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_ITEMS
from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.run import Run
from amparo.rules.feel.temporal import Date, DaysDuration, MonthsDuration
from amparo.rules.feel.values import Function, Value, equal, kind_of


def _numbers(items: Value) -> list[Decimal]:
    return [_number(item) for item in a_list(items)]


def _number(item: Value) -> Decimal:
    if isinstance(item, list):
        raise NullCause("type.argument", "an item is a list, not a number")
    return a_number(item)


def _extreme(items: Value, sign: int) -> Value:
    best: Value = None
    values = a_list(items)
    if not values:
        raise _empty("least and no greatest item")
    for item in values:
        if type(item) is not Decimal:
            break
    else:
        return min(values) if sign < 0 else max(values)  # type: ignore[type-var]  # all numbers
    for index, item in enumerate(values):
        if index == 0:
            # A value that cannot be compared with itself cannot be compared at all.
            compared(item, item)
            best = item
        elif compared(item, best) == sign:
            best = item
    return best


@builtin("list contains", "list", "element")
def list_contains(items: Value, element: Value) -> Value:
    return any(equal(item, element) is True for item in a_list(items))


@builtin("count", "list", variadic=True)
def count(items: Value) -> Value:
    return Decimal(len(a_list(items)))


@builtin("min", "list", variadic=True)
def minimum(items: Value) -> Value:
    return _extreme(items, -1)


@builtin("max", "list", variadic=True)
def maximum(items: Value) -> Value:
    return _extreme(items, 1)


@builtin("sum", "list", variadic=True)
def total(items: Value) -> Value:
    """Add numbers or durations; an empty list has no sum."""
    values = a_list(items)
    if not values:
        raise _empty("sum")
    result = values[0]
    if not isinstance(result, (Decimal, DaysDuration, MonthsDuration)):
        return _number(result)
    for item in values[1:]:
        if type(item) is Decimal and type(result) is Decimal:
            result = NUMBERS.add(result, item)
            continue
        result = add(result, item)
        if result is None:
            raise NullCause("type.argument", f"a {kind_of(item)} cannot be added to the sum")
    return result


@builtin("product", "list", variadic=True)
def product(items: Value) -> Value:
    values = _numbers(items)
    if not values:
        raise _empty("product")
    result = Decimal(1)
    for value in values:
        result = NUMBERS.multiply(result, value)
    return result


def _empty(what: str) -> NullCause:
    return NullCause("list.empty", f"an empty list has no {what}")


def _sum(values: Sequence[Decimal]) -> Decimal:
    result = Decimal(0)
    for value in values:
        result = NUMBERS.add(result, value)
    return result


@builtin("mean", "list", variadic=True)
def mean(items: Value) -> Value:
    values = _numbers(items)
    if not values:
        raise _empty("mean")
    return NUMBERS.divide(_sum(values), Decimal(len(values)))


@builtin("median", "list", variadic=True)
def median(items: Value) -> Value:
    values = sorted(_numbers(items))
    if not values:
        raise _empty("median")
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    return NUMBERS.divide(NUMBERS.add(values[middle - 1], values[middle]), Decimal(2))


@builtin("stddev", "list", variadic=True)
def standard_deviation(items: Value) -> Value:
    """Give the deviation of a sample (divisor n - 1); one number has none."""
    values = _numbers(items)
    if len(values) < 2:
        raise NullCause("list.too-short", "a deviation needs two numbers")
    middle = NUMBERS.divide(_sum(values), Decimal(len(values)))
    squares = [NUMBERS.power(NUMBERS.subtract(value, middle), 2) for value in values]
    return NUMBERS.sqrt(NUMBERS.divide(_sum(squares), Decimal(len(values) - 1)))


@builtin("mode", "list", variadic=True)
def mode(items: Value) -> Value:
    times = Counter(sorted(_numbers(items)))
    most = max(times.values(), default=0)
    return [value for value, count in times.items() if count == most]


def _all(items: Value, *, decisive: bool) -> Value:
    answer: bool | None = not decisive
    for item in a_list(items):
        if item is None:
            answer = None
        elif a_boolean(item) is decisive:
            return decisive
    return answer


@builtin("all", "list", variadic=True)
def every(items: Value) -> Value:
    return _all(items, decisive=False)


@builtin("any", "list", variadic=True)
def some(items: Value) -> Value:
    return _all(items, decisive=True)


@builtin("sublist", "list", "start position", "length?")
def sublist(items: Value, start: Value, length: Value = None) -> Value:
    values, first = a_list(items), a_position(start)
    if first == 0 or abs(first) > len(values):
        raise NullCause("list.position", f"the list has no position {first}")
    begin = first - 1 if first > 0 else len(values) + first
    if length is None:
        return values[begin:]
    many = a_position(length)
    if many < 1 or begin + many > len(values):
        raise NullCause("list.length", f"the list has no {many} items from there")
    return values[begin : begin + many]


@builtin("append", "list", "item", collects=True)
def append(items: Value, new: Value) -> Value:
    return _grown([*a_list(items), *(new if isinstance(new, list) else [new])])


@builtin("concatenate", "list", variadic=True)
def concatenate(lists: Value) -> Value:
    return _joined(lists)


def _joined(lists: Value) -> list[Value]:
    parts = [a_list(part) for part in a_list(lists)]
    if sum(map(len, parts)) > MAX_ITEMS:
        raise _too_long()
    return [item for part in parts for item in part]


def _grown(items: list[Value]) -> list[Value]:
    if len(items) > MAX_ITEMS:
        raise _too_long()
    return items


def _too_long() -> NullCause:
    return NullCause("list.too-long", f"a list has at most {MAX_ITEMS} items")


@builtin("insert before", "list", "position", "newItem")
def insert_before(items: Value, position: Value, new: Value) -> Value:
    values, place = a_list(items), a_position(position)
    if place == 0 or abs(place) > len(values):
        raise NullCause("list.position", f"the list has no position {place}")
    begin = place - 1 if place > 0 else len(values) + place
    return _grown([*values[:begin], new, *values[begin:]])


@builtin("remove", "list", "position")
def remove(items: Value, position: Value) -> Value:
    values, place = a_list(items), a_position(position)
    if place == 0 or abs(place) > len(values):
        raise NullCause("list.position", f"the list has no position {place}")
    begin = place - 1 if place > 0 else len(values) + place
    return [*values[:begin], *values[begin + 1 :]]


@builtin("list replace", "list", "position", "newItem")
@builtin("list replace", "list", "match", "newItem")
def list_replace(items: Value, position: Value, new: Value) -> Value:
    """Replace the item at a position, or every item a function of (item, new) is true for."""
    if isinstance(position, Function):
        return list_replace_where(items, position, new)
    values, place = a_list(items), a_position(position)
    if place == 0 or abs(place) > len(values):
        raise NullCause("list.position", f"the list has no position {place}")
    begin = place - 1 if place > 0 else len(values) + place
    return [*values[:begin], new, *values[begin + 1 :]]


def list_replace_where(items: Value, match: Value, new: Value) -> Value:
    function = _function(match, 2)
    return [new if a_boolean(function.call([item, new])) else item for item in a_list(items)]


def _function(value: Value, arity: int) -> Function:
    if not isinstance(value, Function) or len(value.parameters) != arity:
        raise NullCause("type.argument", f"a function of {arity} parameters is needed")
    return value


@builtin("reverse", "list")
def reverse(items: Value) -> Value:
    return a_list(items)[::-1]


@builtin("index of", "list", "match")
def index_of(items: Value, match: Value) -> Value:
    values = a_list(items)
    return [Decimal(at) for at, item in enumerate(values, start=1) if equal(item, match) is True]


def _distinct(items: list[Value], run: Run) -> list[Value]:
    """Keep the first of equal items; those without a plain order are compared one by one."""
    kept: list[Value] = []
    plain: set[tuple[type, Value]] = set()
    others: list[Value] = []
    for item in items:
        if isinstance(item, _PLAIN):
            run.spend(1)
            if (type(item), item) in plain:
                continue
            plain.add((type(item), item))
        else:
            run.spend(3 * len(others) + 1)
            if any(equal(item, known) is True for known in others):
                continue
            others.append(item)
        kept.append(item)
    return kept


# Kinds whose equality is that of Python: of the others some compare moments, not their parts.
_PLAIN: Final = (type(None), bool, Decimal, str, Date, DaysDuration, MonthsDuration)


@builtin("union", "list", variadic=True, wants_run=True)
def union(run: Run, lists: Value) -> Value:
    return _distinct(_joined(lists), run)


@builtin("distinct values", "list", wants_run=True)
def distinct_values(run: Run, items: Value) -> Value:
    return _distinct(a_list(items), run)


@builtin("flatten", "list")
def flatten(items: Value) -> Value:
    flat: list[Value] = []
    waiting = [iter(a_list(items))]
    passed = 0
    while waiting:
        for item in waiting[-1]:
            passed += 1
            if passed > MAX_ITEMS:
                raise _too_long()
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


@builtin("sort", "list", "precedes?")
def sort(items: Value, precedes: Value = None) -> Value:
    values = a_list(items)
    if precedes is None:
        return sorted(values, key=cmp_to_key(compared))
    function = _function(precedes, 2)

    def by_function(left: Value, right: Value) -> int:
        if a_boolean(function.call([left, right])):
            return -1
        return 1 if a_boolean(function.call([right, left])) else 0

    return sorted(values, key=cmp_to_key(by_function))
