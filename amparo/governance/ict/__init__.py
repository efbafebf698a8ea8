"""ICT governance: services, levels, incidents, changes, continuity, investments, desk.

Purpose: govern the institution's ICT from measured facts.
Owns: nothing yet.
Must never know: data governance, interfaces.
"""
