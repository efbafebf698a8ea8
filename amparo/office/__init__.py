"""Office: the ordinary means of an office that every process uses.

Purpose: tasks for people, notices to people, numbers on documents, originals of files
received, work done in the background.
Owns: tasks, notices, number series, received files, long work.
Must never know: schemes, claims, payments; it refers to its subjects by kind and id.
"""
