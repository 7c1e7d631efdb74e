"""`python -m app` is `mesh-dojo`."""

from app.cli import main

main()
