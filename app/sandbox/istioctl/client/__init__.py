"""The `istioctl` of a sandbox's terminal: sends the line to the API server, prints what comes back.

It stands alone (the standard library, and of that what starts fast), so that a command costs little
more than Python's own start: files import each other relatively, since the program runs without the
rest of the app. What the kubeconfig says is all that it knows.
"""
