"""Contributions: from the employer's declaration to the worker's account.

Purpose: receive wage declarations, assess what is due by the pack in force for the month, record it
to the worker.
Owns: declarations, wage lines, liabilities, months taken on from an older system.
Must never know: claims, payments, cases.
"""
