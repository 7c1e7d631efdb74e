"""Who is asking: the site's key, one-time tokens and the sessions they are exchanged for."""
