"""Delivery: the processes that turn rights and duties into decisions and money.

Purpose: one app per process: ledger, decisions, enrolment, contributions, claims, payments, cases.
Owns: nothing itself; each process owns its tables.
Must never know: how people reach it (interfaces) and who allows it (governance): permission
arrives as a value.
"""
