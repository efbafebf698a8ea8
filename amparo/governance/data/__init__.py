"""Data governance: owners, catalogue, quality, privacy, sharing, indicators.

Purpose: know and improve the quality of the institution's data, and prove its lawful use.
Owns: nothing yet.
Must never know: ICT governance, interfaces.
"""
