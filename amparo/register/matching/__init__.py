"""Matching: who in the register may be the person at the counter.

Purpose: find records that may be of one person, weigh what agrees and differs, and say so; online
while somebody registers, and over the whole register at night, by the same weights.
Owns: how names are spelled for comparing, the keys under which records meet, the comparisons, the
model and its training. It proposes and never merges, refuses or changes a record.
Must never know: operations, reviews and what people decide on them, schemes, interfaces.
"""
