"""What a lesson is: reads the files of the course, starts nothing, knows nothing of running."""
