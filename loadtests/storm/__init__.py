"""A storm over a running installation: real processes are killed, stopped and cut off while their usage is counted.

What the hosts were told goes into journals; when all is quiet, the journals are held against the database.
"""
