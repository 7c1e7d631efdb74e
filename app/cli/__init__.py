"""The command line `mesh-dojo`: each command wires objects and calls one function."""

import gc


def main() -> None:
    """Run the program.

    Loading makes many objects that all stay: a fifth of the start would go into looking through
    them for garbage, and later some of each page. The command ends this when it has loaded.
    """
    gc.disable()
    from app.cli.program import program

    program()
