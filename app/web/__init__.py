"""Pages and streams: the only place that knows HTTP and HTML. It knows nothing of kubectl."""
