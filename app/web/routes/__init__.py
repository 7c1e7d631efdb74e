"""One file a page: a route asks by its signature, calls one function, renders."""
