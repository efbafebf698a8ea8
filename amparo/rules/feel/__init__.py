"""FEEL, the expression language of DMN: text in, typed tree, then a function to call many times.

scanner → parser (names resolved against scope) → ast → evaluate. Numbers are decimal128; an error
is null with a diagnostic, never an exception and never an approximation. What the engine does not
support it refuses by name while parsing.
Must never know: DMN elements, packs, files.
"""
