"""The learner's manifests: as the form sent them, else as saved, else as the page began."""

from collections.abc import Mapping

from app.web.place import Place
from app.web.services import Services

FIELD = "file:"


async def texts_of(
    services: Services, learner: str, place: Place, sent: Mapping[str, str]
) -> dict[str, str]:
    """Return every manifest of the step. Shape: {file name: text}, lines end in a newline alone."""
    drafts = await services.progress.drafts(learner, place.lesson.id, place.step.id)
    texts = {file.name: drafts.get(file.name, file.starter) for file in place.step.manifests}
    for name in texts:
        if FIELD + name in sent:
            texts[name] = sent[FIELD + name].replace("\r\n", "\n")  # forms send CRLF
    return texts
