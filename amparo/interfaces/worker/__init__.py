"""Worker: the background jobs.

Purpose: run periodic and queued work with access that governance gives to the job.
Owns: job definitions.
Must never know: models of other rooms, pages, commands.
"""
