"""`python -m app.sandbox`: one sandbox, until its owner ends it."""
