"""Owns the processes of `liftgate serve`: a supervisor, and one process for each of its roles.

Refuses to know what they do: a role is a command that is started, kept alive and ended.
May use app, jobs and stream. Nothing is imported here, so that a process loads no more than its own role.
"""
