"""What Istio's webhook refuses, with its words; and what the sandbox itself cannot do."""

from app.sandbox.istiod.admission.limits import limit
from app.sandbox.istiod.admission.refusal import refuse

__all__ = ["limit", "refuse"]
