"""The services of a site over the objects of a lab: what the pages need, in their own words."""

from dataclasses import replace

from app.auth.access import Access
from app.practice.lab import Lab
from app.web.beside import Beside
from app.web.preflight import PreflightOfChosen
from app.web.seating import Seating
from app.web.services import HERE, Outside, Services
from app.workshop.reporting.reporter import Reporter
from app.workshop.solving import Solving
from app.workshop.workshop import Workshop


def assemble(
    lab: Lab, access: Access, workshop: Workshop, reporter: Reporter, outside: Outside = HERE
) -> Services:
    """Return what `create_site` is given; the sandboxes of rooms are looked after while it runs."""
    seating = Seating(lab, workshop)
    solving = Solving(workshop.log, lab.course, workshop.rooms, workshop.roster, seating)
    house = Services(
        settings=lab.settings,
        course=lab.course,
        bus=lab.bus,
        desk=lab.desk,
        progress=lab.progress,
        runs=lab.runs,
        live=Beside(lab.chosen),
        preflight=PreflightOfChosen(lab.chosen),
        contexts=lab.chosen,
        access=access,
        people=seating,
        seats=seating,
        workshop=workshop,
        solving=solving,
        outside=outside,
        reporter=reporter,
    )
    seating.serve(house)
    return replace(house, lifespans=(workshop.seats, workshop.housekeeping, seating, reporter))
