"""DMN: decision models as XML, their tables, boxed expressions and requirement graphs.

xml → model (as written) → graph (compiled, names resolved, ready to evaluate). Reads the DMN 1.3,
1.4 and 1.5 namespaces; writing gives a model back as 1.5 with nothing lost, exchange as 1.3 for
tools that know no later one. What it does not support it refuses by name with element and remedy.
Must never know: packs, parameters, outcomes of claims.
"""
