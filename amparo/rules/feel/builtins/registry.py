"""How a built-in is declared and how its arguments find their parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from typing import Final, TypeAlias

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_WHOLE_DIGITS
from amparo.rules.feel.run import Run
from amparo.rules.feel.values import Function, Value, kind_of, order

Implementation: TypeAlias = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Overload:
    """One list of parameters. optional: how many of the last may be left out.

    variadic: the items may be given one by one instead of as a list. collects: they must be.
    """

    parameters: tuple[str, ...]
    optional: int
    variadic: bool
    collects: bool
    implementation: Implementation
    wants_run: bool

    def takes_items(self, count: int) -> bool:
        """Say whether so many values fill the one list that is all it takes."""
        plain = self.variadic and not self.collects and not self.wants_run
        return plain and len(self.parameters) == 1 and count > 0


@dataclass
class Builtin:
    name: str
    overloads: list[Overload] = field(default_factory=list)

    def caller(
        self, count: int, names: tuple[str, ...] | None
    ) -> Callable[[Run, Sequence[Value]], Value]:
        """Give a call for a number of arguments; which parameters they fill is settled once."""
        if names is None and len(self.overloads) == 1 and self.overloads[0].takes_items(count):
            return self._items_caller(self.overloads[0].implementation)
        plain = [
            overload
            for overload in self.overloads
            if names is None and not overload.variadic and not overload.wants_run
        ]
        fitting = [
            overload
            for overload in plain
            if len(overload.parameters) - overload.optional <= count <= len(overload.parameters)
        ]
        if not fitting or len(plain) < len(self.overloads):
            return lambda run, values: self.call(run, values, names)
        implementation = fitting[0].implementation

        def call(_run: Run, values: Sequence[Value]) -> Value:
            try:
                return implementation(*values)
            except DecimalException as error:
                raise self.no_number(error) from error

        return call

    def _items_caller(
        self, implementation: Implementation
    ) -> Callable[[Run, Sequence[Value]], Value]:
        def call(_run: Run, values: Sequence[Value]) -> Value:
            alone = values[0]
            is_list = len(values) == 1 and (alone is None or isinstance(alone, list))
            try:
                return implementation(alone if is_list else values)
            except DecimalException as error:
                raise self.no_number(error) from error

        return call

    def no_number(self, error: DecimalException) -> NullCause:
        message = f"{self.name} has no decimal128 result here ({type(error).__name__})"
        return NullCause("number.arithmetic", message)

    def call(self, run: Run, values: Sequence[Value], names: tuple[str, ...] | None) -> Value:
        """Call with positional or named values. Raises NullCause where FEEL has no value."""
        for overload in self.overloads:
            arguments = _arguments(overload, values, names)
            if arguments is None:
                continue
            head = (run,) if overload.wants_run else ()
            try:
                return overload.implementation(*head, *arguments)
            except DecimalException as error:
                raise self.no_number(error) from error
        given = ", ".join(names) if names is not None else str(len(values))
        raise NullCause("call.arguments", f"{self.name} cannot take these arguments: {given}")

    def as_function(self, run: Run) -> Function:
        """Give the built-in as a value, to be passed to another function."""
        longest = max(self.overloads, key=lambda overload: len(overload.parameters))
        parameters = longest.parameters[: len(longest.parameters) - longest.optional]
        return Function(self.name, parameters, lambda values: self.call(run, values, None))


BUILTINS: Final[dict[str, Builtin]] = {}


def builtin(
    name: str,
    *parameters: str,
    variadic: bool = False,
    collects: bool = False,
    wants_run: bool = False,
) -> Callable[[Implementation], Implementation]:
    """Register a function under its FEEL name; a parameter ending in ? may be left out."""

    def register(implementation: Implementation) -> Implementation:
        optional = sum(parameter.endswith("?") for parameter in parameters)
        plain = tuple(parameter.rstrip("?") for parameter in parameters)
        overload = Overload(
            plain, optional, variadic or collects, collects, implementation, wants_run
        )
        BUILTINS.setdefault(name, Builtin(name)).overloads.append(overload)
        return implementation

    return register


def _arguments(
    overload: Overload, values: Sequence[Value], names: tuple[str, ...] | None
) -> Sequence[Value] | None:
    """Match values to parameters; None when they do not match this overload."""
    required = len(overload.parameters) - overload.optional
    if names is not None:
        given = dict(zip(names, values, strict=True))
        named = _named(overload.parameters, required, given, names)
        if named is None or not overload.collects:
            return named
        # By name there is one item, also where that item is a list.
        return [*named[:-1], [named[-1]]]
    if overload.variadic:
        lead = len(overload.parameters) - 1
        if len(values) <= lead:
            return None
        rest = values[lead:]
        if overload.collects:
            return [*values[:lead], [*rest]]
        listed = (
            rest[0]
            if len(rest) == 1 and (rest[0] is None or isinstance(rest[0], list))
            else [*rest]
        )
        return [*values[:lead], listed]
    return values if required <= len(values) <= len(overload.parameters) else None


def _named(
    parameters: tuple[str, ...], required: int, given: dict[str, Value], names: tuple[str, ...]
) -> Sequence[Value] | None:
    if len(given) != len(names) or not set(given) <= set(parameters):
        return None
    if not set(parameters[:required]) <= set(given):
        return None
    present = [parameter for parameter in parameters if parameter in given]
    if list(parameters[: len(present)]) != present:
        return None
    return [given[parameter] for parameter in present]


# What a built-in asks of its arguments. A list of one stands for its item.


def single(value: Value) -> Value:
    """Give the item a list of one stands for."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _refuse(value: Value, wanted: str) -> NullCause:
    if value is None:
        return NullCause("null.argument", f"an argument is null where a {wanted} is needed")
    return NullCause("type.argument", f"an argument is a {kind_of(value)}, not a {wanted}")


def a_number(value: Value) -> Decimal:
    if type(value) is Decimal:
        return value
    value = single(value)
    if not isinstance(value, Decimal):
        raise _refuse(value, "number")
    return value


def a_whole_number(value: Value) -> int:
    number = a_number(value)
    if number != number.to_integral_value():
        raise NullCause("type.argument", f"{number} is not a whole number")
    return a_position(number)


def a_position(value: Value) -> int:
    """Take a place, a length or a scale: FEEL reads 2.5 as 2 here."""
    number = a_number(value)
    if number.adjusted() > MAX_WHOLE_DIGITS:
        raise NullCause("number.too-large", f"{number} is too large for a place or date")
    return int(number)


def a_string(value: Value) -> str:
    value = single(value)
    if not isinstance(value, str):
        raise _refuse(value, "string")
    return value


def a_boolean(value: Value) -> bool:
    if not isinstance(value, bool):
        raise _refuse(value, "boolean")
    return value


def a_list(value: Value) -> list[Value]:
    """Take a list; a single value stands for a list of one."""
    if value is None:
        raise _refuse(value, "list")
    return value if isinstance(value, list) else [value]


def compared(left: Value, right: Value) -> int:
    """Give -1, 0 or 1; raise NullCause for two values that have no order."""
    sign = order(left, right)
    if sign is None:
        raise NullCause("type.argument", f"{kind_of(left)} and {kind_of(right)} have no order")
    return sign


def a_context(value: Value) -> dict[str, Value]:
    value = single(value)
    if not isinstance(value, dict):
        raise _refuse(value, "context")
    return value
