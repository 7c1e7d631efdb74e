"""What a lab with a cluster of its own tells a room: kept, sent when it can be, taken once."""
