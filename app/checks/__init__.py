"""What is true in a cluster. Knows nothing of HTML, of learners, or of how a step was done."""
