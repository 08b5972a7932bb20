"""Owns what is owed to the people behind the data: handing out all that is known of a customer, and forgetting it.

Refuses to change counts and money: what was used and paid stays true, under a pseudonym.
May use metering and everything below it; its queries and service reach into the tables of every room.
"""
