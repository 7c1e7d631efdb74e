"""What stands in for a release's files: small programs on the PATH that say so, and samples/.

The samples are those that Istio's task pages apply, in our own words with the same names, labels,
ports and images.
"""
