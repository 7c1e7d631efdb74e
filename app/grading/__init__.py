"""Marks: what a rubric gives for the checks of a state or of a submission, and its reports."""
