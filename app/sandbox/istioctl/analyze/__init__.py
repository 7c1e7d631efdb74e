"""`istioctl analyze`: what is wrong with a mesh's configuration.

Each analyzer is a function from a snapshot of objects to messages; `table.py` lists them all.
Nothing here reads a store or a file but `snapshot.py` and `documents.py`.
"""
