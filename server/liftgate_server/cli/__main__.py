"""`python -m liftgate_server.cli` is `liftgate`."""

from __future__ import annotations

from liftgate_server.cli import main

if __name__ == "__main__":
    main(prog_name="liftgate")
