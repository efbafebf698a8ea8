"""Ledger: double-entry books that cannot be out of balance.

Purpose: every amount the institution owes, is owed, pays and receives.
Owns: accounts, journal entries, postings. A posting is one row with a debit and a credit account:
it balances by construction.
Must never know: why money moves; other processes say so by kind and id.
"""
