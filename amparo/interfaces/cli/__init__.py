"""Command line: `amparo`.

Purpose: run, load, check and measure an installation from a terminal.
Owns: commands, the launcher of the embedded database.
Must never know: models of other rooms, pages, jobs.
"""
