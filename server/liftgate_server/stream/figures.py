"""What the stream counts; `/metrics` of the request workers adds it to their own figures."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = ["CONNECTIONS", "EVENTS", "LAG_SECONDS", "LOST"]

# There is one stream process at a time, so the figure of the newest is the right one after a restart.
CONNECTIONS = Gauge("liftgate_stream_connections", "Readers connected.", multiprocess_mode="mostrecent")
EVENTS = Counter("liftgate_stream_events", "Pages of changes sent to readers.")
LOST = Counter("liftgate_stream_ended", "Streams ended by the server, by reason.", ["reason"])
LAG_SECONDS = Histogram(
    "liftgate_stream_lag_seconds",
    "Time from a change to the moment its last reader was sent it.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10, 60),
)
