"""Views: each page of the product, thin over one query or one operation.

Purpose: turn a request into one call of the rooms below, and the answer into a page.
Owns: which facts stand where on a page.
Must never know: models, SQL, rules.
"""
