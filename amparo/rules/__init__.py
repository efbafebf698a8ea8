"""The rules engine: entitlement rules read as law, decided and explained.

Purpose: let an officer check the program against the law, and decide one case or a country alike.
Owns: FEEL expressions, DMN models, rule packs with dated parameters, and the traces of decisions.
Must never know: Django, the database, the clock (dates are passed in), or any scheme: a scheme is
a pack under ``schemes/``, never code here.
"""
