"""Regular expressions of XPath, as FEEL's matches, replace and split mean them.

reading (text to tree) → classes (sets of characters) → running (Python's engine where it is
provably quick, else a machine that reads the text once). No pattern can hold up an evaluation:
what would take too long is refused. Must never know: what asks for a match.
"""

from amparo.rules.feel.patterns.running import Found, Pattern, compile_pattern

__all__ = ["Found", "Pattern", "compile_pattern"]
