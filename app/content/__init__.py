"""What a lesson is: reads the files of the course and starts nothing. It knows nothing of running."""
