"""Claims: from a claim to an award.

Purpose: receive claims, gather facts, have them decided by the pack in force and approved by a
second person, tell the claimant, and hold the awards.
Owns: claims, awards and their components.
Must never know: payments, cases, interfaces.
"""
