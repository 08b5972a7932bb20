"""Who may do what: rows of the other rooms become a customer state, the engine decides, the answer travels.

Owns the mapping from rows to the engine's values, the caches of states and answers, and the calls that check.
Refuses to write anything. May use usage and everything below it; `queries` reads the tables of those rooms.
"""
