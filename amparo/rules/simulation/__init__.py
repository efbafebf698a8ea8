"""What a change of the law would do: two packs over one population, compared case by case.

population and invented (whom to ask) → compare (ask both, through compiled plans) → results →
disclosure (nobody is named) → report.
Owns: asking both packs through compiled plans, costs, winners and losers, distribution, the cases
most affected with their traces, and populations made up where there is none to ask.
Must never know: the database, the clock, Django, where a population comes from.
"""
