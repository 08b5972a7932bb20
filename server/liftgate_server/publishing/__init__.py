"""The way of a catalogue to the customers: review, publish, roll back, schedule.

Owns the table scheduled_publications, the answer to who is affected, and what is in use. Refuses to remove what is.
May use every room below admin.
"""
