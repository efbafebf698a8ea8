"""Files: formats that come in and go out.

Purpose: read and write CSV and ISO 20022 messages strictly, and call the operations behind them.
Owns: file formats, imports, error files.
Must never know: models of other rooms, pages, commands, jobs.
"""
