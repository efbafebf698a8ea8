"""Journal: the append-only evidence of what was done and read.

Purpose: prove who did or read what, when, for which purpose, and that nobody rewrote it.
Owns: events, sealed blocks, gate passes.
Must never know: any other room; it holds ids without keys and no personal values.
"""
