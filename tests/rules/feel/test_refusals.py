"""What is not FEEL, or not supported, is refused by name with its place and a remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.rules.feel.diagnostics import LimitExceeded, NotSupported, RuleError, SyntaxRefused
from tests.rules.feel.evaluating import evaluate


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "syntax.empty"),
        ("1 +", "syntax.empty"),
        ("1 2", "syntax.unexpected"),
        ("if true then 1", "syntax.unexpected"),
        ("(1", "syntax.unexpected"),
        ("[1, 2", "syntax.unexpected"),
        ("[1..2", "syntax.unexpected"),
        ("{a 1}", "syntax.unexpected"),
        ("{1: 2}", "syntax.unexpected"),
        ("then", "syntax.unexpected"),
        ("1 + )", "syntax.unexpected"),
        ("a.1", "syntax.character"),
        ("a.*", "syntax.unexpected"),
        ("#", "syntax.character"),
        ('"no end', "syntax.character"),
        ('"\\uD83D"', "syntax.escape"),
        ('"\\UFFFFFF"', "syntax.escape"),
        ('@"2023-02-29"', "syntax.at-literal"),
        ("1e9999", "number.too-large"),
        ("{a: 1, a: 2}", "context.duplicate"),
        ("f(a: 1, 2)", "call.mixed-arguments"),
        ("1 instance of money", "type.unknown"),
    ],
)
def test_a_text_that_is_not_feel_is_refused_where_it_ends_to_be(text: str, code: str) -> None:
    with pytest.raises(SyntaxRefused) as refused:
        evaluate(text)

    assert refused.value.code in (code, "syntax.unexpected")
    assert refused.value.span is not None
    assert refused.value.remedy


def test_a_message_names_the_place() -> None:
    with pytest.raises(SyntaxRefused, match=r"found “then”, character 4 at “then”"):
        evaluate("if then 1 else 2")


def test_external_functions_are_refused_by_name() -> None:
    with pytest.raises(NotSupported, match="External functions"):
        evaluate('function(a) external {java: {class: "x"}}')


@pytest.mark.parametrize(
    "text", ["(" * 100 + "1" + ")" * 100, "1" + "+1" * 500, "-" * 100 + "1", "x" * 100_001]
)
def test_a_text_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(LimitExceeded):
        evaluate(text)


@given(text=st.text(alphabet='0123456789abc+-*/()[]{}<>=!.,:"@ \\ifthenlsdor', max_size=40))
def test_any_text_gives_a_value_or_a_refusal(text: str) -> None:
    refused: RuleError | None = None
    try:
        evaluate(text)
    except RuleError as error:
        refused = error

    assert refused is None or (refused.code and refused.remedy)
