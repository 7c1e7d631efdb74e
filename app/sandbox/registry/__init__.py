"""The verbs on objects with their rules: defaults, validation, admission, deletion.

The API server and the controllers write through it; it writes to the store.
"""
