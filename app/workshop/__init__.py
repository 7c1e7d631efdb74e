"""A room of learners on the same course: who is in it, how far, what the instructor does."""
