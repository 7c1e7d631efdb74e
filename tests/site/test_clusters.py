"""A cluster that is missing, wrong, gone or frozen: skipped checks, plain sentences, no attempt."""

import pytest
from empty_cluster import EmptyCluster, named
from served import Bench
from visitor import Refused, Visitor

LESSON, STEP = "namespace", "create"


async def test_a_check_while_the_cluster_is_gone_is_skipped_and_burns_no_attempt(
    visitor: Visitor, shared_cluster: EmptyCluster
) -> None:
    await visitor.check(LESSON, "label")
    before = (await visitor.page("/progress")).count("attempt")
    await shared_cluster.stop()
    seen = await visitor.check(LESSON, STEP)
    assert {check.mood for check in seen.values()} == {"skipped"}
    assert "cannot be reached" in seen["namespace"].message
    assert (await visitor.page("/progress")).count("attempt") == before


async def test_a_cluster_that_freezes_in_the_middle_of_a_check_skips_it(
    visitor: Visitor, shared_cluster: EmptyCluster, shared_bench: Bench
) -> None:
    assert (await visitor.check(LESSON, STEP))["namespace"].mood == "passed"
    shared_cluster.freeze()
    async with visitor.stream(LESSON, STEP) as stream:
        await stream.until("step")
        await visitor.post(f"/lessons/{LESSON}/{STEP}/check")
        await stream.until("checks", "is-running")
        await shared_cluster.stop()
        skipped = await stream.until("checks", "is-skipped")
    assert "does not answer" in skipped.data


async def test_a_cluster_that_comes_back_is_worked_in_again(
    visitor: Visitor, shared_cluster: EmptyCluster
) -> None:
    await shared_cluster.stop()
    assert (await visitor.check(LESSON, STEP))["namespace"].mood == "skipped"
    await shared_cluster.start()
    assert (await visitor.check(LESSON, STEP))["namespace"].mood == "passed"


async def test_markup_in_an_objects_name_is_text_in_the_panel(
    visitor: Visitor, shared_cluster: EmptyCluster
) -> None:
    bad = "<script>alert(2)</script>"
    status = {"phase": "Running", "containerStatuses": [{"name": bad, "ready": True}]}
    pod = named(bad, "mesh-demo", spec={"containers": [{"name": bad}]}, status=status)
    shared_cluster.objects["pods"] = [pod]
    async with visitor.stream(LESSON, STEP) as stream:
        panel = await stream.until("panel", "alert")
    shared_cluster.objects["pods"] = []
    assert "&lt;script&gt;alert(2)" in panel.data
    assert "<script>" not in panel.data


async def test_a_context_that_is_not_there_is_named_with_those_that_are(
    visitor: Visitor, shared_bench: Bench, shared_cluster: EmptyCluster
) -> None:
    shared_bench.points_to(shared_cluster.address, "practice", current="elsewhere")
    try:
        with pytest.raises(Refused, match="no context “elsewhere”") as refused:
            await visitor.run(LESSON, STEP, line="kubectl get pods -n mesh-demo")
    finally:
        shared_bench.points_to(shared_cluster.address)
    assert "It has: practice." in str(refused.value)
    assert "503" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clusters: [\n  - {", "does not parse: line"),
        ("just a text", "it is not a mapping"),
        ("\x00\x01", "does not parse"),
        ("{}", "names no current context"),
    ],
)
async def test_a_broken_kubeconfig_is_named_on_the_page(
    visitor: Visitor, shared_bench: Bench, shared_cluster: EmptyCluster, text: str, said: str
) -> None:
    shared_bench.kubeconfig.write_text(text)
    try:
        seen = await visitor.check(LESSON, STEP)
        preflight = await visitor.page("/preflight?look=1")
        settings = await visitor.page("/settings")
    finally:
        shared_bench.points_to(shared_cluster.address)
    assert seen["namespace"].mood == "skipped"
    assert said in seen["namespace"].message
    assert said in preflight
    assert said in settings or "No context was found" in settings


async def test_a_manifest_that_does_not_parse_is_refused_with_line_and_column(
    visitor: Visitor,
) -> None:
    with pytest.raises(Refused, match=r"422.*line 3, column \d"):
        await visitor.run(
            "namespace", "label", command="run-1", texts={"early.yaml": "a: 1\nb: 2\n c: [\n"}
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("apiVersion: v1\nkind: ClusterRoleBinding\nmetadata: {name: x}\n", "ClusterRoleBinding"),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: early, namespace: kube-system}\n",
            "kube-system",
        ),
    ],
)
async def test_a_manifest_of_another_kind_or_namespace_is_refused(
    visitor: Visitor, text: str, said: str
) -> None:
    with pytest.raises(Refused, match=f"422.*{said}"):
        await visitor.run("namespace", "label", command="run-1", texts={"early.yaml": text})
