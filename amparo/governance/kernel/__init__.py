"""Governance kernel: mandates become access, resolutions become gate passes.

Purpose: the one place that makes permission.
Owns: resolutions.
Must never know: data and ICT governance, interfaces.
"""
