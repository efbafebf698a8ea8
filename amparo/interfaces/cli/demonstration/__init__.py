"""The Republic of Amparia: the people, the bank and the story of the demonstration.

Purpose: build an institution that a newcomer can look at, by the operations any institution uses.
Owns: the cast, the simulated bank, the order of events.
Must never know: models of other rooms; nothing here writes a fact that an operation would refuse.
"""
