"""One list of cases, run against a real cluster and against the sandbox, and compared.

Belongs here: the cases as data, what runs them, what makes two answers comparable, and the page
that says how they differ. What the sandbox does is not decided here.
"""
