"""The catalogue of an environment: its draft, its published versions, and the plan and add-on versions they made.

Owns the tables catalogue_versions, product_versions and catalogue_drafts, the reading and writing of catalogue text,
and the words for what changed. Refuses to publish anything with a problem, and to alter what was published.
May use access and plumbing.
"""
