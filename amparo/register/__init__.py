"""Register: people, families, households, employers and their periods, for decades.

Purpose: one trustworthy record per person and employer: what was true when, and what was known
when.
Owns: persons, names, vital facts, identifiers, kinship, households, residences, employers,
employments, representations, payment accounts, life events, and which decision used which fact.
Must never know: schemes, rules, benefits, contributions, interfaces.
"""
