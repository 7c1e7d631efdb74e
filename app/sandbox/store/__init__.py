"""The sandbox's state: objects in memory, their versions and who watches them.

What kinds there are stands here too. No rule of what an object may hold: that is the registry's.
"""
