"""Rows through the interpreter: what was refused, what only it can say, and the proof of the rest.

Owns: asking a pack row by row, and comparing its answers with a columnar run.
Must never know: SQL.
"""
