"""Names with spaces, lists, contexts, functions, text: what FEEL builds with."""

from decimal import Decimal

import pytest

from amparo.rules.feel.diagnostics import LimitExceeded
from tests.rules.feel.evaluating import causes, evaluate, shown

HOUSEHOLD = {
    "monthly income": Decimal(900),
    "monthly income limit": Decimal(1000),
    "members": [
        {"name": "Amina", "age in years": Decimal(63)},
        {"name": "Tomasi", "age in years": Decimal(9)},
    ],
    "a-b": Decimal(7),
    "a": Decimal(10),
    "b": Decimal(4),
}


def test_the_longest_name_in_scope_is_meant() -> None:
    assert shown("monthly income limit - monthly income", HOUSEHOLD) == "100"


def test_spaces_between_the_parts_of_a_name_do_not_matter() -> None:
    assert shown("monthly   income", HOUSEHOLD) == "900"


def test_a_sign_in_a_name_belongs_to_it_where_the_scope_has_it() -> None:
    assert shown("a-b", HOUSEHOLD) == "7"
    assert shown("b-a", HOUSEHOLD) == "-6"


def test_members_with_spaces_are_found_after_a_dot_and_in_a_filter() -> None:
    assert shown("members[age in years < 18].name", HOUSEHOLD) == '["Tomasi"]'
    assert shown("members[1].age in years", HOUSEHOLD) == "63"


def test_a_name_in_no_scope_is_null_and_said_so() -> None:
    assert causes("incom + 1") == ["name.unknown", "null.operand"]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{a: 1, b: a + 1}.b", "2"),
        ("{a b: 1, c: a b + 1}", "{a b: 1, c: 2}"),
        ('{"x y": 1}.x y', "1"),
        ('get value({"a+(b": 5}, "a+(b")', "5"),
        ("[1, 2, 3][-1]", "3"),
        ("[1, 2, 3][item >= 2]", "[2, 3]"),
        ("[{x: 1}, {x: 2}][x = 2]", "[{x: 2}]"),
        ("[{item: 1}, {item: 2}][item = 2]", "[{item: 2}]"),
        ("5[item > 3]", "[5]"),
        ("null[item > 3]", "[]"),
        ("[][1]", "null"),
        ("[{x: 1}, {x: 2}].x", "[1, 2]"),
        ("for x in [1, 2], y in [10, 20] return x + y", "[11, 21, 12, 22]"),
        ("for x in 3..1 return x", "[3, 2, 1]"),
        ("for x in (1..4) return x", "[2, 3]"),
        ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3, 5]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ("for x in 5 return x", "[5]"),
        ("some x in [1, 2] satisfies x > 1", "true"),
        ("(function(x: number, y: number) x * y)(3, 4)", "12"),
        ("{twice: function(n: number) n * 2, r: twice(n: 4)}.r", "8"),
        ("sort([3, 1, 2], function(a, b) a > b)", "[3, 2, 1]"),
        ("sort([3, 1, 2])", "[1, 2, 3]"),
        ("count([1, null])", "2"),
        ("sum([1, null])", "null"),
        ("sum(1, 2, 3)", "6"),
        ("sum([])", "null"),
        ("min([2, 1])", "1"),
        ('max("a", "b")', '"b"'),
        ("mean([1, 2])", "1.5"),
        ("median([3, 1, 2, 4])", "2.5"),
        ("median([])", "null"),
        ("mode([1, 2, 2, 3, 3])", "[2, 3]"),
        ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"),
        ("product([2, 3])", "6"),
        ("append([1], 2, 3)", "[1, 2, 3]"),
        ("append(list: [1], item: 2)", "[1, 2]"),
        ("append(list: [1], item: [2, 3])", "[1, [2, 3]]"),
        ("concatenate([1], [2, 3])", "[1, 2, 3]"),
        ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
        ("remove([1, 2], -1)", "[1]"),
        ("list replace([1, 2], 2, 9)", "[1, 9]"),
        ("list replace([1, 5], function(item, newItem) item < newItem, 3)", "[3, 5]"),
        ("reverse([1, 2])", "[2, 1]"),
        ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("union([1, 2], [2, 3])", "[1, 2, 3]"),
        ("distinct values([1, 1, 2])", "[1, 2]"),
        ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
        ("sublist([1, 2, 3], 2)", "[2, 3]"),
        ("sublist([1, 2, 3], -2, 1)", "[2]"),
        ("list contains([1, null], null)", "true"),
        ('context put({a: 1, b: {}}, ["b", "c"], 2)', "{a: 1, b: {c: 2}}"),
        ('context put(context: {a: 1}, keys: ["b"], value: 2)', "{a: 1, b: 2}"),
        ('context put({a: 1}, "a", 2)', "{a: 2}"),
        ("context merge([{a: 1}, {b: 2}])", "{a: 1, b: 2}"),
        ('context([{key: "a", value: 1}])', "{a: 1}"),
        ("get entries({a: 1})", '[{key: "a", value: 1}]'),
        ('"a" + "b"', '"ab"'),
        ('substring("horse🐎", -1)', '"🐎"'),
        ('string length("\\U01F40E")', "1"),
        ('upper case("é")', '"É"'),
        ('lower case("É")', '"é"'),
        ('substring before("a-b", "-")', '"a"'),
        ('substring after("a-b", "-")', '"b"'),
        ('substring after("ab", "x")', '""'),
        ('contains("abc", "b")', "true"),
        ('starts with("abc", "a")', "true"),
        ('ends with("abc", "c")', "true"),
        ('matches("abc", "^A", "i")', "true"),
        ('replace("abc", "(b)", "[$1]")', '"a[b]c"'),
        ('replace("a.c", ".", "$", "q")', '"a$c"'),
        ('replace("abc", "(b)", "$12")', '"ab2c"'),
        ('split("a;b;;c", ";")', '["a", "b", "", "c"]'),
        ('string join(["a", null, "b"], "-")', '"a-b"'),
        ('string([1, "a"])', '"[1, \\"a\\"]"'),
        ("string(null)", "null"),
        ('range("[1..5)") = [1..5)', "true"),
        ('range("(..@\\"2024-01-01\\"]")', "(<= 2024-01-01)"),
        ('range("[\\"a\\"..\\"b\\"]")', '["a".."b"]'),
        ('range("[date(\\"2024-01-01\\")..)")', "(>= 2024-01-01)"),
        ("[1..5).end included", "false"),
        ("[1..5).start", "1"),
        ("before(1, [2..3])", "true"),
        ("after([2..3], 1)", "true"),
        ("meets([1..2], [2..3])", "true"),
        ("met by([2..3], [1..2])", "true"),
        ("overlaps([1..3], [2..4])", "true"),
        ("overlaps before([1..3], [2..4])", "true"),
        ("overlaps after([2..4], [1..3])", "true"),
        ("finishes(5, [1..5])", "true"),
        ("finishes([3..5], [1..5])", "true"),
        ("finished by([1..5], 5)", "true"),
        ("includes([1..5], [2..3])", "true"),
        ("during(5, [1..5))", "false"),
        ("starts(1, [1..5])", "true"),
        ("starts([1..2], [1..5])", "true"),
        ("started by([1..5], 1)", "true"),
        ("coincides([1..5], [1..5])", "true"),
        ("1 /* a comment */ + 2 // and another", "3"),
    ],
)
def test_what_feel_builds_with(text: str, result: str) -> None:
    assert shown(text) == result


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{a: 1}.b", "path.no-entry"),
        ("null.b", "null.path"),
        ("[1][2]", "list.index"),
        ("[1][0]", "list.index"),
        ("[1..null]", "type.range"),
        ("(< null)", "null.operand"),
        ("for x in null return x", "null.iteration"),
        ("some x in null satisfies x", "null.iteration"),
        ('for x in 1.."a" return x', "type.iteration"),
        ("5(1)", "call.no-function"),
        ("(function(x) x)(1, 2)", "call.arguments"),
        ("(function(x) x)(y: 1)", "call.arguments"),
        ('(function(x: number) x)("a")', "type.argument"),
        ('substring("abc", 0)', "string.position"),
        ('substring("abc", 1, 0)', "string.length"),
        ('substring("abc", 10 ** 6000)', "number.too-large"),
        ("upper case(1)", "type.argument"),
        ("upper case(null)", "null.argument"),
        ("sublist([1], 2)", "list.position"),
        ("sublist([1], 1, 5)", "list.length"),
        ("remove([1], 2)", "list.position"),
        ("insert before([1], 0, 1)", "list.position"),
        ("list replace([1], 2, 1)", "list.position"),
        ("list replace([1], function(a) a, 1)", "type.argument"),
        ("stddev([1])", "list.too-short"),
        ("sum([[1]])", "type.argument"),
        ("mean([[1]])", "type.argument"),
        ('max(1, "a")', "type.argument"),
        ("any([1])", "type.argument"),
        ('context([{key: "a"}])', "context.entry"),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "context.duplicate"),
        ("context put({}, [], 1)", "context.keys"),
        ('context put({a: 1}, ["b", "c"], 2)', "null.argument"),
        ('context put({a: 1}, ["a", "c"], 2)', "type.argument"),
        ("context merge([1])", "type.argument"),
        ('matches("a", "(")', "pattern.unreadable"),
        ('matches("a", "\\\\p{IsAtlantean}")', "pattern.not-supported"),
        ('matches("a", "a", "z")', "pattern.flag"),
        ('replace("a", "a*", "b")', "pattern.empty-match"),
        ('replace("a", "a", "$")', "pattern.replacement"),
        ('replace("a", "a", "\\\\n")', "pattern.replacement"),
        ('before(1, "a")', "type.argument"),
        ("sum([])", "list.empty"),
        ("min([])", "list.empty"),
        ("mean([])", "list.empty"),
        ("median([])", "list.empty"),
        ("product([])", "list.empty"),
        ("meets(1, [1..2])", "type.argument"),
        ('includes([1..2], "a")', "type.argument"),
        ('range("1..2")', "range.unreadable"),
        ('range("[2..1]")', "range.unreadable"),
        ('range("[x..1]")', "range.unreadable"),
        ('range("[..1]")', "range.unreadable"),
        ('range("(..)")', "range.unreadable"),
        ('range("[@\\"x\\"..1]")', "range.unreadable"),
    ],
)
def test_what_cannot_be_is_null_with_its_cause(text: str, code: str) -> None:
    run_codes = causes(text)

    assert code in run_codes


def test_a_long_text_or_pattern_is_not_searched() -> None:
    long = {"long": "a" * 10_001}
    assert causes('matches(long, "a")', long) == ["pattern.long-text"]
    assert causes('matches("a", long)', long) == ["pattern.too-long"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("for x in 1..1000000000 return x", "run.too-long"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "run.too-deep"),
    ],
)
def test_a_rule_without_end_is_ended(text: str, code: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        evaluate(text)

    assert refused.value.code == code
