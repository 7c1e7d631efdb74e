"""The stand-in for Jaeger: it receives spans, and shows traces."""
