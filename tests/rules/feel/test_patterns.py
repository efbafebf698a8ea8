"""Regular expressions: XPath's grammar, and no pattern that can hold up an evaluation."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.patterns import Found, compile_pattern
from amparo.rules.feel.patterns.blocks import BLOCKS
from amparo.rules.feel.patterns.running import Pattern
from tests.rules.feel.evaluating import causes, shown


def found(pattern: str, text: str, flags: str = "") -> bool:
    return compile_pattern(pattern, flags).found_in(text)


@pytest.mark.parametrize(
    ("pattern", "text", "flags"),
    [
        ("^a.*a$", "abracadabra", ""),
        ("hello.*world", "hello\nworld", "s"),
        ("^world$", "hello\nworld", "m"),
        ("^hello$", "hello\nworld", "m"),
        ("helloworld", "helloworld", ""),
        ("hello world", "helloworld", "x"),
        ("hello[ ]world", "hello world", "x"),
        ("hello\\ sworld", "hello world", "x"),
        ("[A-Z]", "k", "i"),
        ("[A-Z]", "\u212a", "i"),  # the sign for kelvin is another case of k
        ("\\p{Lu}", "M", "i"),
        ("\\P{Lu}", "m", "i"),
        ("^\\p{IsGreek}+$", "αβγ", ""),
        ("^\\P{IsBasicLatin}$", "é", ""),
        ("^[\\p{IsLatin-1Supplement}-[é]]$", "è", ""),
        ("^\\p{IsKhmer}\\p{IsThai}$", "\u1780\u0e01", ""),
        ("(.)\\1", "aa", ""),
        ("(a)\\1", "aA", "i"),
        ("(a)|b\\1", "b", ""),
        ("a.b", "a.b", "q"),
        ("A.B", "a.b", "qi"),
        ("^\\i\\c*$", "foo:bar", ""),
        ("^\\I\\C\\S\\D\\W$", "1!x_-", ""),
        ("[a-z-[aeiou]]", "b", ""),
        ("[^a-c]", "d", ""),
        ("[\\d\\-\\]]+", "4-]", ""),
        ("[-a]|[a-]", "-", ""),
        ("\\d", "\u0663", ""),
        ("^.$", "\U0001f600", ""),
        ("^a{2}b{1,}c{1,2}$", "aabbcc", ""),
        ("(?:ab)+", "abab", ""),
        ("\\n\\t\\r", "\n\t\r", ""),
    ],
)
def test_what_matches(pattern: str, text: str, flags: str) -> None:
    assert found(pattern, text, flags)


@pytest.mark.parametrize(
    ("pattern", "text", "flags"),
    [
        ("hello.*world", "hello\nworld", ""),
        ("^world$", "hello\nworld", ""),
        ("hello$", "hello\n", ""),
        ("hello[ ]world", "helloworld", "x"),
        ("\\p{Lu}", "m", "i"),
        ("[^Q]", "q", "i"),
        ("[A-Z-[OI]]", "o", "i"),
        ("\\w", "_", ""),
        ("a.b", "axb", "q"),
        ("[\\s\\S-[\\s\\S]]", "a", ""),
    ],
)
def test_what_does_not_match(pattern: str, text: str, flags: str) -> None:
    assert not found(pattern, text, flags)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        *((text, "pattern.unreadable") for text in ("[", "(", ")", "*", "a{2,1}", "a{x}", "a{1")),
        *((text, "pattern.unreadable") for text in ("a{1001}", "\\", "\\q", "\\1", "(\\1)")),
        *((text, "pattern.unreadable") for text in ("[z-a]", "[a", "[[]", "\\pL", "a**", "{", "}")),
        ("\\p{IsAtlantean}", "pattern.not-supported"),
        ("\\p{Greek}", "pattern.not-supported"),
        ("a" * 1_001, "pattern.too-long"),
        ("(" * 31 + ")" * 31, "pattern.unreadable"),
        ("[" + "a-[" * 31 + "]" * 32, "pattern.unreadable"),
        ("((a{100}){100})", "pattern.too-costly"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, code: str) -> None:
    with pytest.raises(NullCause) as refused:
        compile_pattern(pattern, "")

    assert refused.value.code == code


def test_blocks_are_whole_rows_of_sixteen_and_do_not_overlap() -> None:
    blocks = sorted(set(BLOCKS.values()))

    assert all(low % 16 == 0 and high % 16 == 15 for low, high in blocks)
    assert all(before[1] < after[0] for before, after in pairwise(blocks))


def test_a_refused_pattern_is_null_with_its_place() -> None:
    assert shown('matches("a", "a(b")') == "null"
    assert causes('matches("a", "a(b")') == ["pattern.unreadable"]


HOSTILE = ["(a+)+b", "(a|aa)+b", "(a|a)*b", "a*a*a*a*a*a*a*b", "(a?){30}a{30}b", "(.*a){20}b"]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_pattern_ends_at_once_or_at_a_limit(pattern: str) -> None:
    started = time.process_time()

    try:
        answer = compile_pattern(pattern, "").found_in("a" * 10_000)
    except NullCause as cause:
        assert cause.code == "pattern.too-costly"  # noqa: PT017 - either end is right
    else:
        assert answer is False
    assert time.process_time() - started < 5


def test_a_group_mentioned_again_is_refused_where_it_could_take_for_ever() -> None:
    with pytest.raises(NullCause) as refused:
        found("(a*)*\\1b", "a" * 100)

    assert refused.value.code == "pattern.too-costly"


def takes_something(pattern: str) -> bool:
    """Say whether a pattern never matches the empty text; engines differ on repeating nothing."""
    return re.fullmatch(pattern.replace("$", "\\Z"), "") is None


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "^", "$", "c"]),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds(
            "(?:{}){}".format,
            inner.filter(takes_something),
            st.sampled_from(["?", "??", "*", "*?", "+", "{1,2}"]),
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(pattern=PATTERNS, text=st.text("abc", max_size=8))
def test_both_ways_of_running_find_the_first_match_at_the_same_place(
    pattern: str, text: str
) -> None:
    compiled = Pattern(pattern, "")
    by_python = re.search(pattern.replace("$", "\\Z"), text)

    by_machine = next(compiled._machine_matches(text), None)

    if by_python is None:
        assert by_machine is None
    else:
        assert by_machine is not None
        assert by_machine.start == by_python.start()
        assert by_machine.end == by_python.end()


def test_the_machine_remembers_groups_and_lines() -> None:
    compiled = Pattern("^(?:(a)|(b))+$", "m")

    assert list(compiled._machine_matches("ab\nb")) == [
        Found(0, 2, ((0, 1), (1, 2))),
        Found(3, 4, (None, (3, 4))),
    ]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', '"[1=ab][2=]cd"'),
        ('replace("banana", "(a(n))+", "[$1$2$0]")', '"b[annanan]a"'),
        ('replace("abc", "(b)", "$12")', '"ab2c"'),
        ('replace("abc", "b", "$1")', '"ac"'),
        ('replace("abc", "b", "\\\\$")', '"a$c"'),
        ('replace("abc", "b", "$0$0")', '"abbc"'),
        ('replace("a.b", ".", "$", "q")', '"a$b"'),
        ('split("a1b22c", "[0-9]+")', '["a", "b", "c"]'),
        ('split("", ",")', '[""]'),
    ],
)
def test_texts_are_replaced_and_split(text: str, result: str) -> None:
    assert shown(text) == result


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('replace("abc", "b*", "x")', "pattern.empty-match"),
        ('split("abc", "")', "pattern.empty-match"),
        ('replace("abc", "b", "\\\\x")', "pattern.replacement"),
        ('matches(string join(for i in 1..10001 return "a"), "b")', "pattern.long-text"),
        (
            (
                'replace(string join(for i in 1..9000 return "a"), "a", '
                'string join(for i in 1..9000 return "b"))'
            ),
            "string.too-long",
        ),
    ],
)
def test_what_would_go_wrong_is_null(text: str, code: str) -> None:
    assert code in causes(text)
