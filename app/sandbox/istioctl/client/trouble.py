"""What keeps the client from asking."""


class Trouble(Exception):
    """Why the API server cannot be asked, as a sentence."""
