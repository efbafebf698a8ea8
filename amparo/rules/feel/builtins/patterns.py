"""Regular expressions of XPath, as FEEL uses them, run by Python's engine under limits.

Python's engine backtracks, so a hostile pattern could run for ever: a repetition inside a
repetition, a long pattern or a long text is refused with a diagnostic instead.
"""

import re
import re._parser as regex_parser  # type: ignore[import-not-found]  # the only view of the tree
from collections.abc import Iterable
from functools import lru_cache

from amparo.rules.feel.diagnostics import NullCause

MAX_PATTERN = 300
_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_UNSUPPORTED = re.compile(r"\\[iIcC]|\\p|\\P|\[[^\]]*-\[|\(\?")
_DOLLAR = re.compile(r"\\(.)|\$(\d+)|(\$|\\)", re.DOTALL)


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> re.Pattern[str]:
    """Compile, or raise NullCause with what is wrong with the pattern or not supported."""
    if unknown := set(flags) - {*_FLAGS, "q"}:
        raise NullCause("pattern.flag", f"there is no flag {''.join(sorted(unknown))}")
    if len(pattern) > MAX_PATTERN:
        raise NullCause("pattern.too-long", f"a pattern has at most {MAX_PATTERN} characters")
    if "q" in flags:
        return re.compile(re.escape(pattern), re.IGNORECASE if "i" in flags else 0)
    if _UNSUPPORTED.search(pattern):
        raise NullCause("pattern.not-supported", "this kind of pattern is not supported")
    options = re.RegexFlag(0)
    for flag in flags:
        options |= _FLAGS[flag]
    try:
        tree = regex_parser.parse(pattern, int(options))
        if _repeats_within(tree, inside=False):
            raise NullCause("pattern.too-costly", "a repetition inside a repetition is not run")
        return re.compile(pattern, options)
    except (re.error, OverflowError) as error:
        raise NullCause("pattern.unreadable", f"the pattern cannot be read ({error})") from error


def _repeats_within(tree: Iterable[object], *, inside: bool) -> bool:
    """Say whether a repetition without limit stands inside another."""
    for item in tree:
        if not isinstance(item, tuple):
            if isinstance(item, (list, regex_parser.SubPattern)) and _repeats_within(
                item, inside=inside
            ):
                return True
            continue
        name = str(item[0])
        repeats = name in _REPEATS and item[1][1] > 100
        if repeats and inside:
            return True
        rest = item[1:] if name not in _REPEATS else (item[1][2],)
        if _repeats_within(rest, inside=inside or repeats):
            return True
    return False


def replacement_text(text: str, pattern: re.Pattern[str], *, literal: bool) -> str:
    """Turn $1 into Python's group reference; a group that is not there is the empty text."""
    if literal:
        return text.replace("\\", "\\\\")

    def decoded(match: re.Match[str]) -> str:
        if match[1] is not None:
            if match[1] not in "$\\":
                raise NullCause("pattern.replacement", "\\ must stand before $ or \\")
            return "\\\\" if match[1] == "\\" else "$"
        if match[3] is not None:
            raise NullCause("pattern.replacement", "$ must stand before a group's number")
        digits, rest = match[2], ""
        while len(digits) > 1 and int(digits) > pattern.groups:
            digits, rest = digits[:-1], digits[-1] + rest
        if int(digits) > pattern.groups:
            return rest
        return f"\\g<{digits}>{rest}"

    return _DOLLAR.sub(decoded, text)
