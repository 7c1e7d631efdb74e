"""The site's tests, with fakes of everything that it asks."""
