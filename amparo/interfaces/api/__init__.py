"""API: the doors for other systems.

Purpose: answer other institutions' systems under agreements.
Owns: nothing yet.
Must never know: models of other rooms, pages, commands, jobs.
"""
