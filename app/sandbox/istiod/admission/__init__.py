"""What Istio's webhook refuses, with its words."""

from app.sandbox.istiod.admission.refusal import refuse

__all__ = ["refuse"]
