"""What an API server answers to a request, whatever the status."""

from dataclasses import dataclass

from app.clusters.objects import Object


@dataclass(frozen=True)
class Answer:
    """A status and a body; a body that is no JSON object is empty."""

    status: int
    body: Object

    @property
    def message(self) -> str:
        """What the API server gives as its reason."""
        return self.body.text("message", f"status {self.status}")
