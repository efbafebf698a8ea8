"""Tokens to tree: a Pratt parser that finds names with spaces by longest match against scope.

Invariant: whoever gets a tree knows that every construct in it is supported; what is FEEL but not
supported was refused here by name. Names in no scope are kept (they become null with a diagnostic)
and listed, so that a pack can be refused for them.
"""

from collections.abc import Callable, Mapping
from decimal import InvalidOperation, Overflow
from typing import Final, Literal

from amparo.rules.feel import ast
from amparo.rules.feel.diagnostics import LimitExceeded, NotSupported, Span, SyntaxRefused
from amparo.rules.feel.limits import MAX_LINKS, MAX_NESTING
from amparo.rules.feel.scanner import Kind, Token, read_number, scan
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.feel.temporal import parse_temporal
from amparo.rules.feel.types import (
    ANY,
    BUILT_IN_TYPES,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
)

COMPARATORS: Final = ("=", "!=", "<", "<=", ">", ">=")
# Words that start or join constructs; a scope that knows such a name with more parts wins.
KEYWORDS: Final = frozenset(
    {
        *("if", "then", "else", "for", "return", "in", "some", "every", "satisfies", "and", "or"),
        *("not", "between", "instance", "function", "external", "true", "false", "null"),
    }
)
# How tightly an operator binds to what stands on its left; a higher number binds tighter.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, INSTANCE, POSTFIX = 10, 20, 30, 40, 50, 60, 70, 80
BINDING: Final[Mapping[str, int]] = {
    "or": OR,
    "and": AND,
    **dict.fromkeys((*COMPARATORS, "between", "in"), COMPARE),
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "**": POWER,
    "instance": INSTANCE,
    ".": POSTFIX,
    "[": POSTFIX,
    "(": POSTFIX,
}


class Parsed:
    """A tree with its source, and the names in it that no scope knows."""

    def __init__(self, tree: ast.Node, source: str, unknown: tuple[str, ...]) -> None:
        self.tree = tree
        self.source = source
        self.unknown = unknown


def parse_expression(source: str, scope: Scope, *, builtins: NameTable) -> Parsed:
    """Parse one expression. Raises SyntaxRefused, NotSupported or LimitExceeded."""
    return _guarded(source, scope, builtins, _Parser.whole_expression)


def parse_unary_tests(source: str, scope: Scope, *, builtins: NameTable) -> Parsed:
    """Parse a table cell: ``-``, tests separated by commas, or ``not(tests)``."""
    return _guarded(source, scope.inner(["?"]), builtins, _Parser.whole_unary_tests)


def _guarded(
    source: str, scope: Scope, builtins: NameTable, start: "Callable[[_Parser], ast.Node]"
) -> Parsed:
    parser = _Parser(source, scope, builtins)
    return Parsed(start(parser), source, tuple(dict.fromkeys(parser.unknown)))


class _Parser:
    def __init__(self, source: str, scope: Scope, builtins: NameTable) -> None:
        self.source = source
        self.tokens = scan(source)
        self.at = 0
        self.scope = scope
        self.builtins = builtins
        self.unknown: list[str] = []
        self.depth = 0
        self.no_filter = False

    # Tokens -------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def is_sign(self, *signs: str) -> bool:
        return self.token.kind is Kind.SIGN and self.token.value in signs

    def is_word(self, word: str, *, ahead: int = 0) -> bool:
        token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return token.kind is Kind.NAME and token.value == word

    def advance(self) -> Token:
        token = self.token
        if token.kind is not Kind.END:
            self.at += 1
        return token

    def accept(self, sign: str) -> bool:
        if self.is_sign(sign):
            self.at += 1
            return True
        return False

    def expect(self, wanted: str) -> Token:
        if self.token.kind in (Kind.SIGN, Kind.NAME) and self.token.value == wanted:
            return self.advance()
        raise self.refusal(f"Expected “{wanted}”")

    def refusal(self, message: str, *, code: str = "syntax.unexpected") -> SyntaxRefused:
        found = "the end of the text" if self.token.kind is Kind.END else f"“{self.token.value}”"
        return SyntaxRefused(
            code=code,
            message=f"{message}, found {found}",
            remedy="Correct the expression.",
            span=self.token.span,
            source=self.source,
        )

    def span_from(self, start: int) -> Span:
        return Span(start, self.tokens[max(self.at - 1, 0)].span.end)

    # Entries ------------------------------------------------------------------------------

    def whole_expression(self) -> ast.Node:
        tree = self.expression()
        self.finish()
        return tree

    def whole_unary_tests(self) -> ast.Node:
        start = self.token.span.start
        if self.is_sign("-") and self.tokens[self.at + 1].kind is Kind.END:
            self.advance()
            return ast.Dash(self.span_from(start))
        if self._is_negated_cell():
            self.advance()
            self.advance()
            tests = self.test_list()
            self.expect(")")
            self.finish()
            return ast.UnaryTests(self.span_from(start), tests, negated=True)
        tests = self.test_list()
        self.finish()
        return ast.UnaryTests(self.span_from(start), tests, negated=False)

    def _is_negated_cell(self) -> bool:
        """``not(…)`` around a whole cell negates tests; elsewhere it is the function."""
        if not self.is_word("not") or self.tokens[self.at + 1].value != "(":
            return False
        depth = 0
        for index in range(self.at + 1, len(self.tokens)):
            token = self.tokens[index]
            if token.kind is Kind.SIGN and token.value in "([":
                depth += 1
            elif token.kind is Kind.SIGN and token.value in ")]":
                depth -= 1
                if depth == 0:
                    return self.tokens[index + 1].kind is Kind.END
        return False

    def finish(self) -> None:
        if self.token.kind is not Kind.END:
            raise self.refusal("Expected the end of the expression")

    def test_list(self) -> tuple[ast.Node, ...]:
        tests = [self.positive_test()]
        while self.accept(","):
            tests.append(self.positive_test())
        return tuple(tests)

    def positive_test(self) -> ast.Node:
        if self.is_sign(*COMPARATORS):
            return self.comparator_test()
        return self.expression()

    def comparator_test(self) -> ast.Node:
        start = self.token.span.start
        operator = self.advance().value
        operand = self.expression(COMPARE)
        return ast.UnaryTest(self.span_from(start), operator, operand)  # type: ignore[arg-type]

    # Expressions --------------------------------------------------------------------------

    def expression(self, least: int = 0) -> ast.Node:
        """Parse as long as operators bind tighter than ``least``."""
        self.deeper()
        start = self.token.span.start
        left = self.continued(self.prefix(), start, least)
        self.depth -= 1
        return left

    def continued(self, left: ast.Node, start: int, least: int) -> ast.Node:
        """Go on with what stands after a term as long as operators bind tighter than ``least``."""
        links = 0
        while (binding := self.binding()) > least:
            left = self.infix(left, start, binding)
            links += 1
            if links > MAX_LINKS:
                raise self.too_deep(f"joins more than {MAX_LINKS} terms in a row")
        return left

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.too_deep(f"is nested more than {MAX_NESTING} levels deep")

    def too_deep(self, problem: str) -> LimitExceeded:
        return LimitExceeded(
            code="text.too-deep",
            message=f"The expression {problem}",
            remedy="Split it into several decisions.",
            span=self.token.span,
            source=self.source,
        )

    def binding(self) -> int:
        if self.token.kind not in (Kind.SIGN, Kind.NAME):
            return 0
        if self.no_filter and self.is_sign("["):
            return 0
        return BINDING.get(self.token.value, 0)

    def infix(  # noqa: PLR0911 - one per operator
        self, left: ast.Node, start: int, binding: int
    ) -> ast.Node:
        operator = self.advance().value
        match operator:
            case "and" | "or":
                right = self.expression(binding)
                return ast.Logical(self.span_from(start), operator, left, right)
            case "between":
                low = self.expression(COMPARE)
                self.expect("and")
                high = self.expression(COMPARE)
                return ast.Between(self.span_from(start), left, low, high)
            case "in":
                return self.in_tests(left, start)
            case "instance":
                self.expect("of")
                kind = self.type()
                return ast.InstanceOf(self.span_from(start), left, kind)
            case ".":
                member = self.member()
                return ast.Path(self.span_from(start), left, member)
            case "[":
                return self.filter(left, start)
            case "(":
                return self.invocation(left, start)
            case "+" | "-" | "*" | "/" | "**":
                right = self.expression(binding)
                return ast.Arithmetic(self.span_from(start), operator, left, right)
            case _:
                right = self.expression(binding)
                return ast.Comparison(
                    self.span_from(start),
                    operator,  # type: ignore[arg-type]  # BINDING holds only comparators now
                    left,
                    right,
                )

    def prefix(self) -> ast.Node:
        token = self.token
        match token.kind:
            case Kind.NUMBER:
                return self.number()
            case Kind.STRING:
                self.advance()
                return ast.Constant(token.span, token.value)
            case Kind.AT:
                return self.at_literal()
            case Kind.NAME:
                return self.name_or_keyword()
            case Kind.SIGN:
                return self.sign()
            case Kind.END:
                raise self.refusal("Expected an expression", code="syntax.empty")

    def number(self) -> ast.Node:
        token = self.token
        try:
            value = read_number(token.value)
        except (Overflow, InvalidOperation) as error:
            raise self.refusal(
                "The number is beyond what 34 digits can hold", code="number.too-large"
            ) from error
        self.advance()
        return ast.Constant(token.span, value)

    def at_literal(self) -> ast.Node:
        token = self.token
        value = parse_temporal(token.value)
        if value is None:
            raise self.refusal(
                "This is no date, time, date and time or duration", code="syntax.at-literal"
            )
        self.advance()
        return ast.Constant(token.span, value)

    def sign(self) -> ast.Node:
        start = self.token.span.start
        if self.accept("-"):
            operand = self.expression(POWER)
            return ast.Negation(self.span_from(start), operand)
        if self.accept("("):
            return self.parenthesis(start)
        if self.accept("["):
            return self.list_or_range(start)
        if self.accept("]"):
            low = self.unfiltered(self.expression)
            return self.range_end(start, low, included=False)
        if self.accept("{"):
            return self.context(start)
        raise self.refusal("Expected an expression")

    def unfiltered(self, parse: "Callable[[int], ast.Node]") -> ast.Node:
        """Parse a range end, after which ``[`` closes the range and filters nothing."""
        before, self.no_filter = self.no_filter, True
        node = parse(COMPARE)
        self.no_filter = before
        return node

    def filtered(self, parse: "Callable[[], ast.Node]") -> ast.Node:
        before, self.no_filter = self.no_filter, False
        node = parse()
        self.no_filter = before
        return node

    def parenthesis(self, start: int) -> ast.Node:
        if self.is_sign(*COMPARATORS):
            test = self.comparator_test()
            self.expect(")")
            return test
        inner = self.filtered(self.expression)
        if self.is_sign(".."):
            return self.range_end(start, inner, included=False)
        self.expect(")")
        return inner

    def list_or_range(self, start: int) -> ast.Node:
        items: list[ast.Node] = []
        while not self.is_sign("]"):
            items.append(self.filtered(self.list_item))
            if self.is_sign("..") and len(items) == 1:
                return self.range_end(start, items[0], included=True)
            if not self.accept(","):
                break
        self.expect("]")
        return ast.ListLiteral(self.span_from(start), tuple(items))

    def list_item(self) -> ast.Node:
        return self.comparator_test() if self.is_sign(*COMPARATORS) else self.expression()

    def range_end(self, start: int, low: ast.Node, *, included: bool) -> ast.Node:
        self.expect("..")
        high = self.unfiltered(self.expression)
        if not self.is_sign("]", ")", "["):
            raise self.refusal("Expected the end of the range: ], ) or [")
        closing = self.advance().value
        return ast.RangeLiteral(
            self.span_from(start),
            low,
            high,
            low_included=included,
            high_included=closing == "]",
        )

    def context(self, start: int) -> ast.Node:
        entries: list[tuple[str, ast.Node]] = []
        outer = self.scope
        self.scope = outer.inner(())
        while not self.is_sign("}"):
            key = self.key()
            if any(key == known for known, _ in entries):
                raise self.refusal(
                    f"The context has the entry {key} twice", code="context.duplicate"
                )
            entries.append((key, self.filtered(self.expression)))
            self.scope.variables.add(key)
            self.scope.members.add(key)
            if not self.accept(","):
                break
        self.scope = outer
        self.expect("}")
        return ast.ContextLiteral(self.span_from(start), tuple(entries))

    def key(self) -> str:
        quoted = self.token.kind is Kind.STRING
        name = self.advance().value if quoted else self.declared_name(":")
        self.expect(":")
        return name

    def declared_name(self, *ends: str) -> str:
        """Read a name at the place that declares it: all parts up to the sign that ends it."""
        first = self.token
        if first.kind is not Kind.NAME:
            raise self.refusal("Expected a name")
        last = first
        while self.token.kind is not Kind.END and self.token.value not in ends:
            if self.token.kind in (Kind.STRING, Kind.AT) or self.is_sign(
                "(", ")", "[", "]", "{", "}", ",", ":", "=", "<", ">"
            ):
                break
            last = self.advance()
        return " ".join(self.source[first.span.start : last.span.end].split())

    # Names and keywords -------------------------------------------------------------------

    def name_or_keyword(self) -> ast.Node:  # noqa: PLR0911 - one per keyword
        token = self.token
        found = self.longest_name()
        if found is not None and (found[1] > 1 or token.value not in KEYWORDS):
            mine = self.scope.longest(self.tokens, self.at)
            is_builtin = found != mine and not self.scope.is_open
            return self.known_name(*found, is_builtin=is_builtin)
        match token.value:
            case "true" | "false":
                self.advance()
                return ast.Constant(token.span, token.value == "true")
            case "null":
                self.advance()
                return ast.Constant(token.span, None)
            case "if":
                return self.conditional()
            case "for":
                return self.iteration()
            case "some" | "every":
                return self.quantified()
            case "function":
                return self.function_literal()
            case "not":
                mine = self.scope.longest(self.tokens, self.at)
                is_builtin = mine is None and not self.scope.is_open
                return self.known_name("not", 1, is_builtin=is_builtin)
            case word if word in KEYWORDS:
                raise self.refusal("Expected an expression")
            case name:
                self.advance()
                self.unknown.append(name)
                return ast.Name(token.span, name)

    def longest_name(self) -> tuple[str, int] | None:
        candidates = [
            found
            for found in (
                self.scope.longest(self.tokens, self.at),
                self.builtins.longest(self.tokens, self.at),
            )
            if found is not None
        ]
        return max(candidates, key=lambda found: found[1], default=None)

    def known_name(self, name: str, length: int, *, is_builtin: bool = False) -> ast.Node:
        start = self.token.span.start
        self.at += length
        return ast.Name(self.span_from(start), name, is_builtin)

    def member(self) -> str:
        found = self.scope.members.longest(self.tokens, self.at)
        if found is not None:
            self.at += found[1]
            return found[0]
        if self.token.kind is not Kind.NAME:
            raise self.refusal("Expected a name after the dot")
        known = self.builtin_member()
        return known if known is not None else self.advance().value

    def builtin_member(self) -> str | None:
        found = _PROPERTIES.longest(self.tokens, self.at)
        if found is None:
            return None
        self.at += found[1]
        return found[0]

    def conditional(self) -> ast.Node:
        start = self.advance().span.start
        condition = self.filtered(self.expression)
        self.expect("then")
        then = self.filtered(self.expression)
        self.expect("else")
        otherwise = self.expression()
        return ast.If(self.span_from(start), condition, then, otherwise)

    def iteration(self) -> ast.Node:
        start = self.advance().span.start
        outer = self.scope
        iterators = self.iterators()
        self.expect("return")
        self.scope = self.scope.inner(["partial"])
        result = self.expression()
        self.scope = outer
        return ast.For(self.span_from(start), iterators, result)

    def quantified(self) -> ast.Node:
        token = self.advance()
        outer = self.scope
        iterators = self.iterators()
        self.expect("satisfies")
        condition = self.expression()
        self.scope = outer
        kind: Literal["some", "every"] = "some" if token.value == "some" else "every"
        return ast.Quantified(self.span_from(token.span.start), kind, iterators, condition)

    def iterators(self) -> tuple[ast.Iterator, ...]:
        """Read ``x in …, y in …``; each name is in scope of those after it."""
        iterators: list[ast.Iterator] = []
        while True:
            name = self.declared_name("in")
            self.expect("in")
            source = self.filtered(self.expression)
            end = self.filtered(self.expression) if self.accept("..") else None
            iterators.append(ast.Iterator(name, source, end))
            self.scope = self.scope.inner([name])
            if not self.accept(","):
                return tuple(iterators)

    def function_literal(self) -> ast.Node:
        start = self.advance().span.start
        self.expect("(")
        parameters: list[ast.Parameter] = []
        while not self.is_sign(")"):
            name = self.declared_name(":", ",", ")")
            kind = self.type() if self.accept(":") else ANY
            parameters.append(ast.Parameter(name, kind))
            if not self.accept(","):
                break
        self.expect(")")
        if self.is_word("external"):
            raise NotSupported(
                code="function.external",
                message="External functions (Java, PMML) are not supported",
                remedy="Write the function in FEEL; a rule may call nothing outside the pack.",
                span=self.token.span,
                source=self.source,
            )
        outer = self.scope
        self.scope = outer.inner([parameter.name for parameter in parameters])
        body = self.expression()
        self.scope = outer
        return ast.FunctionLiteral(self.span_from(start), tuple(parameters), body)

    def in_tests(self, value: ast.Node, start: int) -> ast.Node:
        if self.is_sign(*COMPARATORS):
            test = self.comparator_test()
            return ast.In(self.span_from(start), value, (test,))
        if self.is_sign("("):
            tests = self.parenthesised_tests()
            return ast.In(self.span_from(start), value, tests)
        test = self.expression(COMPARE)
        return ast.In(self.span_from(start), value, (test,))

    def parenthesised_tests(self) -> tuple[ast.Node, ...]:
        """Read ``(test, test)``, or one expression that begins with a parenthesis."""
        start = self.advance().span.start
        tests = [self.filtered(self.positive_test)]
        while self.accept(","):
            tests.append(self.filtered(self.positive_test))
        if len(tests) == 1 and self.is_sign(".."):
            alone = self.range_end(start, tests[0], included=False)
            return (self.continued(alone, start, COMPARE),)
        self.expect(")")
        if len(tests) == 1:
            return (self.continued(tests[0], start, COMPARE),)
        return tuple(tests)

    def filter(self, source: ast.Node, start: int) -> ast.Node:
        outer = self.scope
        self.scope = outer.inner(["item"], open_names=True)
        condition = self.filtered(self.expression)
        self.scope = outer
        self.expect("]")
        return ast.Filter(self.span_from(start), source, condition)

    def invocation(self, function: ast.Node, start: int) -> ast.Node:
        arguments: list[ast.Node] = []
        names: list[str] = []
        while not self.is_sign(")"):
            if self.argument_is_named():
                names.append(self.key())
            arguments.append(self.filtered(self.expression))
            if not self.accept(","):
                break
        self.expect(")")
        if names and len(names) != len(arguments):
            raise self.refusal("Name every argument or none", code="call.mixed-arguments")
        return ast.Invocation(
            self.span_from(start), function, tuple(arguments), tuple(names) if names else None
        )

    def argument_is_named(self) -> bool:
        """Look ahead for ``name:``; a colon elsewhere in an argument belongs to something else."""
        if self.token.kind is not Kind.NAME:
            return False
        for token in self.tokens[self.at + 1 :]:
            if token.kind is Kind.SIGN and token.value == ":":
                return True
            if token.kind is Kind.NAME or (token.kind is Kind.SIGN and token.value in "-+*/.'"):
                continue
            return False
        return False

    # Types --------------------------------------------------------------------------------

    def type(self) -> FeelType:
        self.deeper()
        for table in (self.scope.types, BUILT_IN_TYPES):
            found = NameTable(table).longest(self.tokens, self.at)
            if found is not None:
                name, length = found
                self.at += length
                kind = self.type_arguments(name, table[name])
                self.depth -= 1
                return kind
        raise self.refusal("Expected a type", code="type.unknown")

    def type_arguments(self, name: str, kind: FeelType) -> FeelType:
        match name:
            case "list" | "range" if self.accept("<"):
                item = self.type()
                self.expect(">")
                return ListType(name, item) if name == "list" else RangeType(name, item)
            case "context" if self.accept("<"):
                return self.context_type()
            case "function" if self.accept("<"):
                return self.function_type()
            case _:
                return kind

    def context_type(self) -> FeelType:
        fields: list[tuple[str, FeelType]] = []
        while not self.is_sign(">"):
            key = self.key()
            fields.append((key, self.type()))
            if not self.accept(","):
                break
        self.expect(">")
        return ContextType("context", tuple(fields))

    def function_type(self) -> FeelType:
        parameters: list[FeelType] = []
        while not self.is_sign(">"):
            parameters.append(self.type())
            if not self.accept(","):
                break
        self.expect(">")
        self.expect("->")
        return FunctionType("function", tuple(parameters), self.type())


_PROPERTIES: Final = NameTable(["time offset", "start included", "end included"])
