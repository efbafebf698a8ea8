"""Accounts: who may sign in, in which roles, by which mandate.

Purpose: tie a signed-in person to what they may do, with dates.
Owns: users, roles, incompatible roles, mandates.
Must never know: what is done with a right; people and cases of the institution.
"""
