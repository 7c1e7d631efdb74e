"""Small programs that a sandbox puts on the PATH in place of others, and that say so."""
