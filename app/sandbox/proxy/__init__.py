"""Envoy: finding it, starting it, feeding it files, and asking its admin interface.

The only place of the sandbox that starts processes.
"""
