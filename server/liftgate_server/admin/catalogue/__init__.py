"""Owns the pages of the catalogue: the matrix, plans, features, add-ons, gates, offer texts, settings of the draft.

Refuses to publish: everything here edits the draft, and meets other editors field by field.
May use the rooms below the pages by their services and queries, and the engine for the preview.
"""
