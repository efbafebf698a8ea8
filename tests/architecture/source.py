"""Reading the product's source: files, and what a name in them really means."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "amparo"


@dataclass(frozen=True)
class Finding:
    """A line of source that breaks a house rule."""

    path: PurePosixPath
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class Source:
    """One Python file, with its names resolved through its imports and simple assignments."""

    def __init__(self, path: str | PurePosixPath, text: str) -> None:
        self.path = PurePosixPath(path)
        self.text = text
        self.tree = ast.parse(text)
        self.parents = {
            child: parent
            for parent in ast.walk(self.tree)
            for child in ast.iter_child_nodes(parent)
        }
        self._aliases = dict(self._imported_names())
        self._add_assigned_names()

    def finding(self, node: ast.AST, what: str) -> Finding:
        return Finding(self.path, getattr(node, "lineno", 0), what)

    def dotted(self, node: ast.AST) -> str:
        """Return what an expression refers to, as a dotted path; empty when it is no plain name.

        Sees `import a as b`, `from a import b as c`, `x = a.b` and `getattr(a, "b")`.
        """
        match node:
            case ast.Name(id=name):
                return self._aliases.get(name, name)
            case ast.Attribute(value=value, attr=name):
                base = self.dotted(value)
                return f"{base}.{name}" if base else ""
            case ast.Call(
                func=ast.Name(id="getattr"), args=[base_node, ast.Constant(value=str(name)), *_]
            ):
                base = self.dotted(base_node)
                return f"{base}.{name}" if base else ""
            case _:
                return ""

    def meaning(self, name: str) -> str:
        """Return what a plain name of this file refers to: itself, or what it was imported as."""
        return self._aliases.get(name, name)

    def references(self) -> Iterator[tuple[ast.AST, str]]:
        """Yield every expression and import that names something, with its dotted path."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield node, f"{_module(self.path, node)}.{alias.name}"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name
            elif path := self.dotted(node):
                yield node, path

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, self.dotted(node.func)

    def texts(self) -> Iterator[tuple[ast.Constant, str]]:
        """Yield string constants that are not docstrings."""
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and not isinstance(self.parents.get(node), ast.Expr)
            ):
                yield node, node.value

    def in_annotation(self, node: ast.AST) -> bool:
        """Say whether an expression only states a type."""
        while (parent := self.parents.get(node)) is not None:
            if isinstance(parent, ast.arg | ast.AnnAssign) and parent.annotation is node:
                return True
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
                return parent.returns is node
            if isinstance(parent, ast.stmt):
                return False
            node = parent
        return False

    def _imported_names(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield alias.asname or alias.name, f"{_module(self.path, node)}.{alias.name}"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    yield name, alias.name if alias.asname else name

    def _add_assigned_names(self) -> None:
        for node in ast.walk(self.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    path = self.dotted(value)
                    if "." in path and name not in self._aliases:
                        self._aliases[name] = path


def _module(path: PurePosixPath, node: ast.ImportFrom) -> str:
    """Return the absolute module of a `from … import`, relative ones resolved."""
    if not node.level:
        return node.module or ""
    inside = path.with_suffix("").parts
    base = inside[: len(inside) - node.level] if path.name != "__init__.py" else inside[:-1]
    return ".".join([*base, *([node.module] if node.module else [])])


@cache
def product() -> tuple[Source, ...]:
    """Parse every Python file of the product, migrations left out."""
    return tuple(
        Source(path.relative_to(PROJECT).as_posix(), path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
        if "migrations" not in path.parts
    )


@cache
def migrations() -> tuple[Source, ...]:
    return tuple(
        Source(path.relative_to(PROJECT).as_posix(), path.read_text())
        for path in sorted(PACKAGE.glob("**/migrations/*.py"))
        if path.name != "__init__.py"
    )


def inside(source: Source, *folders: str) -> bool:
    """Say whether a file is in one of the folders, named from the project's root."""
    return any(source.path.is_relative_to(folder) for folder in folders)


def listing(findings: list[Finding]) -> str:
    return "\n" + "\n".join(map(str, findings))


_TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


def without_template_tags(text: str) -> str:
    """Blank out Django's own syntax and keep every line where it was."""
    return _TEMPLATE_TAG.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
