"""One sandbox put together: every part is made here, and handed what it needs."""
