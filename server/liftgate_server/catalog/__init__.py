"""The catalogue of an environment: its draft, its published versions, the plan and add-on versions they made.

Owns catalogue_versions, product_versions, plan_successions and draft_revisions, and the words for what changed.
Refuses to publish what has a problem, to alter what was published, and to overwrite another editor's work.
May use access and plumbing.
"""
