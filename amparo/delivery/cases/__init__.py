"""Cases: appeals, complaints and other matters that need a person's judgment over time.

Purpose: hear people who think a decision wrong.
Owns: nothing yet; returned payments open tasks in the office.
Must never know: interfaces, governance.
"""
