"""The only place that starts processes: which commands may run, running them, what they said."""
