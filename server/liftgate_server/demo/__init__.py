"""The demo: a server and a separate host app, seeded so that a newcomer can click through the main job.

Owns the demo's catalogue, its customers and the host app "Corkboard". Refuses to run on anything but a throw-away
database. The host app uses the public SDK only, as a stranger's app would.
"""
