"""Rule book: which version of which rule pack is in force from when.

Purpose: answer “which rules, on this day, as known then”, and keep every pack that ever decided
anything.
Owns: activated pack versions with their files, and drafts, revision by revision.
Must never know: people, claims, money.
"""
