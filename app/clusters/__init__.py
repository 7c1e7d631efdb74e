"""Where commands and checks go: providers of clusters, and what is in them as plain data."""
