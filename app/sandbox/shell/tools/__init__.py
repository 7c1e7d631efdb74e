"""The small programs of images: what `kubectl exec` and sh find in the container's PATH.

Each does what tutorials use of it; a flag that it does not know is refused in the tool's own words.
"""
