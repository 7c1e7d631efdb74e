"""Jobs: their pods, counted by how far they are, and by number where they are indexed."""
