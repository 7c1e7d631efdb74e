"""The forms of a report. A form turns a `Report` into text or bytes; forms do not know each other.

What all of them say in the same words is in `wording`, what a learner may see in `audience`. A form
writes no file, asks no cluster and counts no marks.
"""
