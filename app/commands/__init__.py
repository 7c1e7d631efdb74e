"""The only place that starts processes: which commands may run (policy), running them, keeping what they said."""
