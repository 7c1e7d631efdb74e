"""Spans: how they arrive (OTLP over gRPC and HTTP, Zipkin's JSON), and what is kept of them."""
