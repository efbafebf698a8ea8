"""Decision traces: what was known, which rule fired, which law, which arithmetic, as JSON and text.

record builds the versioned JSON from an evaluation; explain turns that JSON alone into an
explanation for a page or a letter, so a stored trace can be read years later; page writes one as
HTML that stands alone and prints well.
Must never know: how to evaluate, or where traces are kept.
"""

from amparo.rules.trace.explain import Explanation, explain, explain_text
from amparo.rules.trace.page import explain_page

__all__ = ["Explanation", "explain", "explain_page", "explain_text"]
