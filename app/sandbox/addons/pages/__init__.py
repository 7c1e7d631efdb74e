"""What the pages of all stand-ins have in common: markup, the frame around it, charts.

A page brings all that it needs: no script, no other host, light and dark as the browser wishes.
"""
