"""Web: the pages.

Purpose: server-rendered pages that work without JavaScript.
Owns: views, templates, static files.
Must never know: models of other rooms; it calls operations and queries.
"""
