"""Where commands and checks go: providers of clusters, and reading what is in them as plain data."""
