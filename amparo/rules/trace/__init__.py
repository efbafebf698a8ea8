"""Decision traces: what was known, which rule fired, which law, which arithmetic, as JSON and text.

record builds the versioned JSON from an evaluation; explain turns that JSON alone into an
explanation for a page or a letter, so a stored trace can be read years later.
Must never know: how to evaluate, or where traces are kept.
"""

from amparo.rules.trace.explain import Explanation, explain, explain_text

__all__ = ["Explanation", "explain", "explain_text"]
