"""The stand-in for Prometheus: it collects, and answers its query API and a page of its own."""
