"""The part of the Common Expression Language that CRDs' rules are written in.

Source: https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""
