"""Enrolment: assessing needs and enrolling people into programmes.

Purpose: intake, needs assessment, ranking within a budget, recertification.
Owns: nothing yet; the claims process enrols by granting.
Must never know: payments, cases, interfaces.
"""
