"""Office: the ordinary means of an office that every process uses.

Purpose: tasks for people, notices to people, numbers on documents, originals of files received.
Owns: tasks, notices, number series, received files.
Must never know: schemes, claims, payments; it refers to its subjects by kind and id.
"""
