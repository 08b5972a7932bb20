"""Owns the pages on which a draft is reviewed and published, and the history of what was.

Refuses to edit the catalogue itself (the catalogue's pages do), but for archiving what cannot be removed.
May use publishing, catalog, customers and the frame.
"""
