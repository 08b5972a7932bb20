"""Corkboard, the demo's host app: an ordinary Flask app that knows Liftgate only through its public SDK."""
