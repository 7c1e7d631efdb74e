"""Regular expressions in time that grows with the text alone: POSIX basic and extended ones.

Python's own would let a learner's pattern stop the whole sandbox; a library in C++ has no wheel for
every platform that the lab runs on. No back-references: they are refused.
"""
