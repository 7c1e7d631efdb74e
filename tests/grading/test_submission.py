"""What was handed in is understood, or refused with the file and the line that are meant."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from grading.sample import CANARY, COURSE, write

from app.errors import Refused
from app.grading.submission import Source, Submission, read_submission, sources

COMMANDS = """\
# what I did
# routes/split
$ kubectl apply -f canary.yaml

kubectl delete virtualservice old -n mesh-demo
#routes/wins
"""
ANSWERS = "routes: {wins: {wins: 2}}\n"
ABOUT = "{name: Ann Lee, email: ann@school.example, id: 123, submitted: 2026-12-01T12:30:00+01:00}"


def read(folder: Path, files: dict[str, str | bytes]) -> Submission:
    write(folder / "ann", files)
    (found,) = sources(folder)
    return read_submission(found, COURSE)


def test_everything_of_a_submission_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "canary.yaml": "flat",
            "routes/canary.yaml": "of the lesson\r\n",
            "routes/split/canary.yaml": CANARY,
            "commands.txt": "\ufeff" + COMMANDS,
            "answers.yaml": ANSWERS,
            "submission.yaml": ABOUT,
            "photo.jpg": b"\xff\xd8\x00",
        },
    )
    assert found.commands == {
        ("routes", "split"): (
            "kubectl apply -f canary.yaml",
            "kubectl delete virtualservice old -n mesh-demo",
        ),
        ("routes", "wins"): (),
    }
    assert found.answers == {("routes", "wins"): {"wins": "2"}}
    assert found.text("routes", "split", "canary.yaml") == CANARY
    assert found.text("routes", "wins", "canary.yaml") == "of the lesson\n"
    assert found.text("first", "wins", "canary.yaml") == "flat"
    assert found.text("routes", "split", "other.yaml") is None
    about = found.about
    assert (about.name, about.email, about.student_id) == ("Ann Lee", "ann@school.example", "123")
    assert about.submitted == datetime(2026, 12, 1, 11, 30, tzinfo=UTC)


def test_the_digest_is_of_what_counts(tmp_path: Path) -> None:
    first = read(tmp_path, {"canary.yaml": "a"}).digest
    assert read(tmp_path, {"photo.jpg": b"\xff"}).digest == first
    assert read(tmp_path, {"canary.yaml": "b"}).digest != first
    assert read(tmp_path, {"canary.yaml": "a"}).digest == first
    (tmp_path / "ann.submission.yaml").write_text("submitted: 2026-12-01T12:30:00Z\n")
    assert read(tmp_path, {}).digest != first


def test_who_collected_has_the_last_word_on_when_it_came(tmp_path: Path) -> None:
    (tmp_path / "ann.submission.yaml").write_text("submitted: 2026-12-24T00:00:00Z\n")
    found = read(tmp_path, {"submission.yaml": ABOUT})
    assert found.about.submitted == datetime(2026, 12, 24, tzinfo=UTC)
    assert found.about.name == ""


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"canary.yaml": b"\xff\xfe"}, "canary.yaml is no text in UTF-8"),
        ({"canary.yaml": b"a\0b"}, "zero byte"),
        ({"commands.txt": "kubectl get pods\n"}, "line 1 stands before the first"),
        ({"commands.txt": "# routes/nope\n"}, "line 1: there is no step routes/nope"),
        ({"commands.txt": "# routes/split\nls \x1b[2J\n"}, "line 2 is no line"),
        ({"commands.txt": "# routes/split\n" + "a" * 3000}, "line 2 is no line"),
        ({"commands.txt": "\n" * 900}, "more than 500 lines"),
        ({"answers.yaml": "routes: {wins: {wins: 3}}"}, "no choice 3"),
        ({"answers.yaml": "routes: {wins: {who: 1}}"}, "no question who"),
        ({"answers.yaml": "routes: {nope: {wins: 1}}"}, "no step routes/nope"),
        ({"answers.yaml": "routes: 7"}, "maps names to names"),
        ({"answers.yaml": "routes: {wins: {wins: [1, 2]}}"}, "has one answer"),
        ({"answers.yaml": "a: &a [x]\nb: *a"}, "anchors"),
        ({"answers.yaml": "[" * 5000}, "answers.yaml"),
        ({"answers.yaml": "a: 1\n---\nb: 2\n"}, "more than one document"),
        ({"answers.yaml": "!!python/object/apply:os.system [true]"}, "answers.yaml"),
        ({"submission.yaml": "submitted: yesterday"}, "is a time like"),
        ({"submission.yaml": "submitted: 2026-12-01T12:30:00"}, "names no zone"),
        ({"submission.yaml": 'name: "a\\e[2J"'}, "is no name that a person would have"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    tmp_path: Path, files: dict[str, str | bytes], says: str
) -> None:
    with pytest.raises(Refused) as caught:
        read(tmp_path, files)
    assert says in str(caught.value)


def test_folders_zips_and_links_are_submissions_and_other_files_are_not(tmp_path: Path) -> None:
    write(
        tmp_path, {"ann/a.txt": "", "bob.zip": "", "cem/b.txt": "", "cem.zip": "", "marks.csv": ""}
    )
    write(tmp_path, {".hidden/a.txt": "", "bob.submission.yaml": "name: Bob"})
    (tmp_path / "dia").symlink_to("/etc/passwd")
    assert [(each.name, each.path.name) for each in sources(tmp_path)] == [
        ("ann", "ann"),
        ("bob", "bob.zip"),
        ("cem", "cem"),
        ("cem.zip", "cem.zip"),
        ("dia", "dia"),
    ]
    with pytest.raises(Refused, match="a link"):
        read_submission(Source("dia", tmp_path / "dia"), COURSE)


def test_a_folder_without_submissions_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nope"):
        with pytest.raises(Refused):
            sources(folder)
