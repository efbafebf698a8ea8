"""Decisions: what was decided, on which frozen facts, under which rules, with which reasons.

Purpose: evaluate the pack in force and keep the answer so that it can be reproduced to the byte.
Owns: decisions with their frozen facts and trace.
Must never know: what follows from a decision; claims, contributions and payments say that.
"""
