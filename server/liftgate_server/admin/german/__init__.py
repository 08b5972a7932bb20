"""Owns the German words of the pages, a module per area: `WORDS`, from the English text to the German one.

Refuses texts that no page uses.
May use nothing.
"""
