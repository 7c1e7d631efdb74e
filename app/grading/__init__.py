"""Marks: what a rubric gives for the checks of a state or of a submission, and its reports.

Here belong the rubric, the grading itself, the report, its forms and its signature. How a learner
works (`practice`) and how a room is led (`workshop`) do not.
"""
