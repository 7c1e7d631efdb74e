"""What a learner does in a step: run, check, answer, ask for a hint; recorded, told to the bus."""
