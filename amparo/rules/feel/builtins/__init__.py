"""The functions every rule may call, by FEEL name. Each is pure; none reads a clock or a file."""

from amparo.rules.feel.builtins import contexts, dates, lists, numbers, ranges, strings
from amparo.rules.feel.builtins.registry import BUILTINS

# Importing a group registers its functions.
GROUPS = (contexts, dates, lists, numbers, ranges, strings)

__all__ = ["BUILTINS", "GROUPS"]
