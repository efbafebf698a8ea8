"""Every limit of the engine, in one place.

A rule is data from outside: none may hold up an evaluation or fill the memory. What goes beyond a
limit is refused with the limit in the message; a value beyond one is null with a diagnostic.
"""

from typing import Final

# Reading: characters of one expression, levels of nesting, terms joined in a row.
MAX_EXPRESSION: Final = 100_000
MAX_NESTING: Final = 60
MAX_LINKS: Final = 150
# Reading a model: bytes of a file. How deep boxes and types may stand within each other is for
# Python's own stack to say; its end is a refusal too.
MAX_MODEL_BYTES: Final = 20_000_000

# Running: steps of iterations, filters and built-ins on lists; what one call of a function counts
# for; calls of functions in functions.
MAX_STEPS: Final = 1_000_000
STEPS_OF_A_CALL: Final = 10
MAX_CALLS: Final = 60
# Values: characters of a text; items of a list, with all that its items hold; lists and contexts
# within each other; digits of a place, length, scale or part of a date.
MAX_TEXT: Final = 1_000_000
MAX_ITEMS: Final = 1_000_000
MAX_VALUE_DEPTH: Final = 100
MAX_WHOLE_DIGITS: Final = 30

# Patterns: characters of one, and of a text it is searched in; levels of groups; counted
# repetitions; ways Python's engine may have to try; steps and instructions of our own machine.
MAX_PATTERN: Final = 1_000
MAX_SEARCHED: Final = 10_000
MAX_GROUPS_DEEP: Final = 30
MAX_REPEATS: Final = 1_000
MAX_WAYS: Final = 2_000_000
MAX_PATTERN_STEPS: Final = 500_000
MAX_PROGRAM: Final = 5_000
