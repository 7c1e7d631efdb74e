"""The start of the program, by its path: what it imports is this folder, and nothing of the app."""

import sys
from importlib import import_module

ABOVE, FOLDER = __file__.rsplit("/", 2)[:2]  # by hand, since pathlib takes as long as all the rest

if __name__ == "__main__":
    sys.path.append(ABOVE)
    sys.exit(import_module(f"{FOLDER}.program").main(sys.argv[1:]))
