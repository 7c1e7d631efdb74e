"""Every type of page in a state worth looking at: how to get there, over the fakes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.async_api import Page, expect
from web.fakes import LEARNER

from app.checks.result import Evidence, failed, skipped
from app.errors import ClusterUnavailable, CommandRefused
from app.preflight.finding import Finding
from app.progress.model import SavedResult
from app.web.panel import Snapshot
from browser.lab import LONG, Lab, is_live
from browser.room_scenes import enter_the_room, look_at_one, meeting, project

CANARY: Final = "/lessons/canary/ninety-ten"

FINDINGS: Final = (
    Finding("kubectl", "ok", "kubectl 1.36.1 was found"),
    Finding("cluster", "ok", "minikube answers: Kubernetes 1.36.2"),
    Finding(
        "room",
        "problem",
        "The nodes have 3.8 GiB of memory, the demo profile asks for 4.6 GiB",
        "minikube: 3.8 GiB, of which 2.1 GiB are spoken for.",
        "istiod would stay Pending, and every step after it with it.",
        "minikube start --memory=8192 --cpus=4",
        "terminal",
    ),
    Finding(
        "load-balancer",
        "warning",
        "LoadBalancer Services get no address here",
        "EXTERNAL-IP of istio-ingressgateway is <pending>.",
        "Only the lesson on the gateway minds; port-forward works without one.",
        "minikube tunnel",
        "terminal",
    ),
    Finding("probes", "unknown", "“probes” could not be looked at", "The image is being pulled."),
)


@dataclass(frozen=True)
class Scene:
    """A page to look at. `prepare` sets the fakes, `act` is what a visitor does on the page."""

    name: str
    path: str
    prepare: Callable[[Lab], Awaitable[None]] | None = None
    act: Callable[[Page], Awaitable[None]] | None = None
    signed_in: bool = True
    status: int = 200


async def _walked(lab: Lab) -> None:
    for lesson in lab.services.course.lessons[:8]:
        for step in lesson.steps[: 4 if lesson.number < 8 else 2]:
            await lab.services.progress.open(LEARNER, lesson.id, step.id)
            await _record(lab, lesson.id, step.id, passed=True)
            await lab.services.progress.spend(LEARNER, lesson.id, step.id, 340.0)
    await lab.services.progress.open(LEARNER, "canary", "one-rule")


async def _record(lab: Lab, lesson: str, step: str, *, passed: bool) -> None:
    saved = SavedResult("one", "It is so", passed, "", "As it should be.", "", (), 0.1)
    await lab.services.progress.record(LEARNER, lesson, step, [saved], by_itself=False)


async def _running(lab: Lab) -> None:
    runs = lab.services.runs
    fenced = runs.begin("canary", "ninety-ten", "kubectl apply -f canary.yaml", "run-1")
    await runs.say(fenced.id, "virtualservice.networking.istio.io/backend-routing configured")
    await runs.end(fenced.id)
    typed = runs.begin("canary", "ninety-ten", f"kubectl get pod {LONG} -n mesh-demo -o wide")
    await runs.say(typed.id, f"Error from server (NotFound): pods {LONG} not found", stream="err")
    await runs.end(typed.id, 1)
    watched = runs.begin("canary", "ninety-ten", "kubectl get pods -n mesh-demo -w", "run-2")
    await runs.say(watched.id, *(f"backend-{n}   1/2   Running   0   {n}s" for n in range(12)))
    tunnel = "kubectl port-forward -n istio-system service/istio-ingressgateway 8080:80"
    runs.begin("ingress-gateway", "knock", tunnel, "run-3", is_background=True)


async def _failing(lab: Lab) -> None:
    asked = Evidence("kubectl get virtualservice -n mesh-demo", "NAME  HOSTS\n" + "backend " * 40)
    lab.services.desk.findings = {
        "one": failed(
            "two-rules",
            "Two VirtualServices name the host backend: backend-routing and backend-canary. The "
            "older one is in force; the weights of the other are read by nobody.",
            asked,
            look="istioctl analyze -n mesh-demo",
        ),
        "weights": skipped("needs", "Waits for: One VirtualService routes backend."),
    }


async def _empty_and_failing(lab: Lab) -> None:
    lab.services.live.snapshot = Snapshot(missing=["mesh-demo", "default"])


async def _out_of_reach(lab: Lab) -> None:
    lab.services.live.snapshot = Snapshot(trouble="It has not answered for 12s.")


async def _refusing(lab: Lab) -> None:
    lab.services.desk.error = CommandRefused(
        "`kubectl edit` is not run here: it opens an editor that the page does not have.",
        hint="Change the manifest of the step and apply it; kubectl patch works too.",
    )


async def _slow(lab: Lab) -> None:
    lab.services.desk.gate.clear()


async def _finding(lab: Lab) -> None:
    lab.services.preflight.findings = FINDINGS


async def _finding_slowly(lab: Lab) -> None:
    await _finding(lab)
    lab.services.preflight.gate.clear()


async def _breaking(lab: Lab) -> None:
    lab.services.live.texts = None  # nothing that anybody expected


async def _unreachable(lab: Lab) -> None:
    lab.services.live.error = ClusterUnavailable(
        "The cluster does not answer: connection refused by https://192.168.49.2:8443.",
        hint="minikube status says whether it runs; minikube start starts it.",
    )


async def _check(page: Page) -> None:
    await is_live(page)
    await page.get_by_role("button", name="Check my work").click()
    await expect(page.locator("#checks .is-running")).to_have_count(0)
    await expect(page.locator("#verdict .attempts")).to_be_visible()


async def _check_and_open(page: Page) -> None:
    await _check(page)
    await page.get_by_text("What was seen").first.click()


async def _check_slowly(page: Page) -> None:
    await is_live(page)
    await page.get_by_role("button", name="Check my work").click()
    await expect(page.locator("#checks .is-running").first).to_contain_text("asking")


async def _ask_for_help(page: Page) -> None:
    await page.get_by_role("button", name="Give me a hint").click()
    await page.get_by_role("button", name="One more hint").click()
    await expect(page.locator(".hint")).to_have_count(2)
    await page.get_by_text("Show the solution").click()


async def _see_the_solution(page: Page) -> None:
    await page.get_by_text("Show the solution").click()
    await page.get_by_role("button", name="Yes, show it").click()
    await expect(page.locator(".solution")).to_be_visible()


def _answer(mood: Literal["right", "wrong"]) -> Callable[[Page], Awaitable[None]]:
    async def act(page: Page) -> None:
        question = page.locator(".question").first
        await question.locator("input[type=radio]").nth({"wrong": 0, "right": 2}[mood]).check()
        await question.get_by_role("button", name="Answer").click()
        await expect(question.locator(f".reply.is-{mood}")).to_be_visible()

    return act


async def _type_refused(page: Page) -> None:
    await page.locator("#prompt-line").fill("kubectl edit virtualservice backend-routing")
    await page.keyboard.press("Enter")
    await expect(page.locator("#notice-typed .notice")).to_be_visible()


async def _type_half_a_line(page: Page) -> None:
    await page.locator("#prompt-line").press_sequentially("kubectl get p")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("ArrowDown")


async def _mistype(page: Page) -> None:
    await page.get_by_role("textbox", name="canary.yaml").focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("apiVersion: v1\nkind: Secrets")
    await expect(page.locator(".is-wrong-line")).to_have_count(1)


async def _see_a_finding(page: Page) -> None:
    await expect(page.locator(".finding")).to_have_count(1)


async def _open_sheet(page: Page) -> None:
    await is_live(page)
    fold = page.locator(".live-fold")
    if await fold.get_attribute("open") is None:
        await fold.locator("summary").click()
    await page.locator(".pod").first.click()
    await expect(page.locator("#sheet")).to_be_visible()


async def _name_production(page: Page) -> None:
    await page.get_by_label("Type its name").fill("shop")
    await page.get_by_role("button", name="Use shop-prod-eu").click()
    await expect(page.locator(".notice.is-bad")).to_be_visible()


async def _make_a_link(page: Page) -> None:
    await page.get_by_role("button", name="Make a link").click()
    await expect(page.locator("#link")).to_be_visible()


async def _forge(page: Page) -> None:
    await page.locator(".segments [name=csrf]").evaluate("field => { field.value = 'forged'; }")
    await page.get_by_role("button", name="Dark").click()
    await expect(page.locator(".status-code")).to_have_text("403")


SCENES: Final = (
    Scene("rooms", "/rooms", meeting),
    Scene("board", "/rooms", meeting, enter_the_room),
    Scene("door", "/rooms", meeting, project),
    Scene("member", "/rooms", meeting, look_at_one),
    Scene("join", "/join?code=ACDE-FGHJ", signed_in=False),
    Scene("join-refused", "/resume?token=gone", signed_in=False, status=404),
    Scene("reporting", "/reporting"),
    Scene("map-fresh", "/"),
    Scene("map", "/", _walked),
    Scene("progress-fresh", "/progress"),
    Scene("progress", "/progress", _walked),
    Scene("preflight", "/preflight?look=1", _finding),
    Scene("preflight-going", "/preflight", _finding_slowly, _see_a_finding),
    Scene("settings", "/settings", None, _make_a_link),
    Scene("settings-production", "/settings", None, _name_production),
    Scene("step", CANARY, None, is_live),
    Scene("step-runs", CANARY, _running, is_live),
    Scene("step-checking", CANARY, _slow, _check_slowly),
    Scene("step-failed", CANARY, _failing, _check_and_open),
    Scene("step-passed", CANARY, None, _check),
    Scene("step-help", CANARY, None, _ask_for_help),
    Scene("step-solution", CANARY, None, _see_the_solution),
    Scene("step-wrong", CANARY, None, _answer("wrong")),
    Scene("step-right", "/lessons/why-a-mesh/between", None, _answer("right")),
    Scene("step-refused", CANARY, _refusing, _type_refused),
    Scene("step-words", CANARY, None, _type_half_a_line),
    Scene("step-mistyped", CANARY, None, _mistype),
    Scene("step-empty", CANARY, _empty_and_failing, is_live),
    Scene("step-unreachable", CANARY, _out_of_reach, is_live),
    Scene("sheet", CANARY, None, _open_sheet),
    Scene("object", "/objects/mesh-demo/Pod/backend?view=yaml"),
    Scene("run", "/runs/r1", _running),
    Scene("run-going", "/runs/r3", _running),
    Scene("login", "/", signed_in=False, status=401),
    Scene("login-refused", "/login?token=used", signed_in=False, status=401),
    Scene("error-404", "/lessons/canary/nothing", status=404),
    Scene("error-403", "/settings", None, _forge),
    Scene("error-422", f"{CANARY}?checking=many", status=422),
    Scene("error-500", "/objects/mesh-demo/Pod/backend", _breaking, status=500),
    Scene("error-503", "/objects/mesh-demo/Pod/backend", _unreachable, status=503),
)
