"""The command line `mesh-dojo`: each command wires objects and calls one function."""

from app.cli.program import main

__all__ = ["main"]
