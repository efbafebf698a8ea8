"""Rule book: which version of which rule pack is in force from when.

Purpose: answer “which rules, on this day, as known then”, and keep every pack that ever decided
anything.
Owns: activated pack versions with their files, drafts, revision by revision, and what simulations
of them found.
Must never know: people by name, claims, payments.
"""
