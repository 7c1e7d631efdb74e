"""Prometheus' query language, as far as the stand-ins and the course need it; the rest is refused.

Source: https://prometheus.io/docs/prometheus/latest/querying/basics/
"""
