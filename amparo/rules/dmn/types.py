"""Item definitions to FEEL types, with their allowed values as tests."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from amparo.rules.dmn.model import ItemDefinition
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.types import (
    ANY,
    BUILT_IN_TYPES,
    AllowedType,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    NamedType,
    base_of,
)

TestMaker: TypeAlias = Callable[[str, str], Callable[[object], bool]]


class UnknownType(RuleError):
    """A typeRef names no type of the model."""


class TypeBook:
    """The named types of a model and, under ``import.name``, of those it imports."""

    def __init__(
        self,
        definitions: tuple[ItemDefinition, ...],
        imported: Mapping[str, FeelType],
        *,
        test_of: TestMaker,
        where: str,
    ) -> None:
        self._where = where
        self._definitions: dict[str, ItemDefinition] = {}
        for definition in definitions:
            if definition.name in self._definitions:
                raise self._twice(definition.name)
            self._definitions[definition.name] = definition
        self._test_of = test_of
        self._open: list[str] = []
        self.types: dict[str, FeelType] = dict(imported)
        for name in self._definitions:
            self.find(name)
        for name in self._definitions:
            self._refuse_empty(name)

    def _twice(self, name: str) -> UnknownType:
        return UnknownType(
            code="type.name-clash",
            message=f"The name {name} stands for two types",
            remedy="Give each item definition and component a name of its own.",
            where=f"{self._where}, itemDefinition {name}",
        )

    def find(self, reference: str) -> FeelType:
        """Give the type a typeRef names. Raises UnknownType."""
        name = reference.removeprefix("feel:").removeprefix("feel.")
        if not name:
            return ANY
        if name in self.types:
            return self.types[name]
        if name in self._definitions:
            return self._resolve(name)
        if name in BUILT_IN_TYPES:
            return BUILT_IN_TYPES[name]
        # References by qualified name, prefix:tType, are written by older tools.
        local = name.rpartition(":")[2]
        if local != name:
            return self.find(local)
        raise UnknownType(
            code="type.unknown",
            message=f"There is no type {reference}",
            remedy="Define it as an item definition, or correct the typeRef.",
            where=self._where,
        )

    def _resolve(self, name: str) -> FeelType:
        if name in self._open:
            return NamedType(name, self.types)
        self._open.append(name)
        kind = self._type(self._definitions[name])
        self._open.pop()
        self.types[name] = kind
        return kind

    def _refuse_empty(self, name: str) -> None:
        """Refuse a type that is defined as itself alone: it says nothing of its values."""
        passed: set[str] = set()
        kind = base_of(self.types[name])
        while isinstance(kind, NamedType):
            if kind.name in passed:
                raise UnknownType(
                    code="type.circular",
                    message=f"The type {name} is defined by itself",
                    remedy="A type may contain itself in a component or a list; name another type.",
                    where=f"{self._where}, itemDefinition {name}",
                )
            passed.add(kind.name)
            kind = base_of(self.types[kind.name])

    def _type(self, definition: ItemDefinition) -> FeelType:
        base = self._base(definition)
        if definition.allowed:
            test = self._test_of(definition.allowed, definition.name)
            base = AllowedType(definition.name, base, test, definition.allowed)
        if definition.is_collection:
            base = ListType(definition.name, base)
        if definition.constraint:
            test = self._test_of(definition.constraint, definition.name)
            base = AllowedType(definition.name, base, test, definition.constraint)
        return base

    def _base(self, definition: ItemDefinition) -> FeelType:
        if definition.components:
            names = [component.name for component in definition.components]
            for place, name in enumerate(names):
                if name in names[:place]:
                    raise self._twice(f"{definition.name}.{name}")
            fields = tuple(
                (component.name, self._type(component)) for component in definition.components
            )
            return ContextType(definition.name, fields)
        if definition.function is not None:
            parameters, result = definition.function
            wanted = tuple(self.find(parameter) for parameter in parameters)
            return FunctionType(definition.name, wanted, self.find(result))
        return self.find(definition.type_ref)
