"""Running a script: the shell itself."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from app.sandbox.shell.call import Call, read_file
from app.sandbox.shell.container import Container
from app.sandbox.shell.sh.builtins import BUILTINS
from app.sandbox.shell.sh.compound import run_compound, script_of
from app.sandbox.shell.sh.conversing import converse
from app.sandbox.shell.sh.expanding import Expander, Unset
from app.sandbox.shell.sh.parsing import parse
from app.sandbox.shell.sh.redirecting import redirected
from app.sandbox.shell.sh.state import DEEPEST, MOST_SUBSHELLS, Jump, Leave, State
from app.sandbox.shell.sh.streams import Broken, Captured, Pipe, Streams, of_bytes
from app.sandbox.shell.sh.tree import Chain, Command, Pipeline, Script, Simple
from app.sandbox.shell.sh.words import SyntaxFault

NOT_FOUND, BROKEN = 127, 141
MOST_BEHIND = 100  # commands in the background at a time
Find = Callable[[Container, str], str | None]


class Shell:
    """A shell, or a subshell with a state of its own. `run_tool` runs what is no builtin."""

    def __init__(
        self,
        call: Call,
        run_tool: Callable[[Call], Awaitable[int]],
        find: Find,
        state: State | None = None,
    ) -> None:
        self.state = state or State(dict(call.env), set(call.env), call.name)
        self._call = call
        self._run_tool = run_tool
        self._find = find
        self.is_left = False  # whether `exit` was called
        self._tested = 0  # how many conditions around: there, `set -e` does not end the shell

    @property
    def container(self) -> Container:
        """The container that this shell runs in."""
        return self._call.container

    async def main(self) -> int:
        """Run what the call's words say; return the exit code."""
        streams = Streams.of(self._call.io)
        words = self._call.argv[1:]
        while words and words[0].startswith("-") and "c" not in words[0]:
            self.state.options |= set(words.pop(0)[1:]) & {"e", "u", "x"}
        try:
            if words and words[0].startswith("-"):
                self.state.options |= set(words[0][1:]) & {"e", "u", "x"}
                if len(words) < 2:
                    return self.complain("0: -c requires an argument", streams)
                self.state.name, self.state.words = (words[2:] or [self.state.name])[0], words[3:]
                return await self.run_text(words[1], streams)
            if words:
                self.state.name, self.state.words = words[0], words[1:]
                text = read_file(self._call.container, words[0])
            elif "TERM" in self._call.env:
                return await converse(self, streams, self._prompt())
            else:
                text = await self._call.input()
            return await self.run_text(text.decode("utf-8", "surrogateescape"), streams)
        except (FileNotFoundError, IsADirectoryError):
            return self.complain(f"0: cannot open {words[0]}: No such file", streams)
        except Leave as leave:
            return leave.code
        except Jump as jump:
            return jump.count if jump.kind == "return" else 0
        finally:
            for task in self.state.behind:
                task.cancel()

    def _prompt(self) -> str:
        return "$ " if self.container.user else "# "

    def complain(self, text: str, streams: Streams, code: int = 2) -> int:
        """Print an error; return the code."""
        streams.err(f"{self._call.name}: 1: {text}\n".encode("utf-8", "surrogateescape"))
        return code

    def knows(self, name: str) -> bool:
        """Whether a command of this name would be found."""
        known = name in BUILTINS or name in self.state.functions
        return known or self._find(self._call.container, name) is not None

    async def run_text(self, text: str, streams: Streams) -> int:
        """Run a script's text in this shell."""
        try:
            script = parse(text)
        except SyntaxFault as fault:
            raise Leave(self.tell_fault(fault, streams)) from fault
        return await self.run(script, streams)

    def tell_fault(self, fault: SyntaxFault, streams: Streams) -> int:
        """Print why a script cannot be read; return the code."""
        return self.complain(f"Syntax error: {fault}", streams)

    async def run(self, script: Script, streams: Streams) -> int:
        """Run a script; return the last code."""
        for chain, is_behind in script.chains:
            if is_behind:
                self._start_behind(chain, streams)
                self.state.status = 0
            else:
                self.state.status = await self._chain(chain, streams)
        return self.state.status

    def _start_behind(self, chain: Chain, streams: Streams) -> None:
        self.state.behind = [task for task in self.state.behind if not task.done()]
        if len(self.state.behind) >= MOST_BEHIND:
            raise Leave(self.complain("Cannot fork: too many commands at a time", streams))
        quiet = streams.but(stdin=of_bytes(b""))
        work = self.sub().run_apart(Script(((chain, False),)), quiet)
        self.state.behind.append(asyncio.get_running_loop().create_task(work))

    def sub(self) -> "Shell":
        """Return a subshell."""
        return Shell(self._call, self._run_tool, self._find, self.state.copy())

    async def run_apart(self, script: Script, streams: Streams) -> int:
        """Run a script as a subshell does: what leaves it leaves it alone."""
        pace = self.state.pace
        pace.subshells += 1
        try:
            if pace.subshells > MOST_SUBSHELLS:
                return self.complain("Cannot fork: too many subshells", streams)
            return await self.run(script, streams)
        except Leave as leave:
            self.tell_unset(leave, streams)
            return leave.code
        except Jump as jump:
            return jump.count if jump.kind == "return" else self.state.status
        except Broken:
            return BROKEN
        finally:
            pace.subshells -= 1
            for task in self.state.behind:
                task.cancel()

    def tell_unset(self, leave: Leave, streams: Streams) -> None:
        """Print which variable was missing, if that is why the shell is left."""
        if isinstance(leave, Unset) and leave.message:
            self.complain(leave.message, streams)
            leave.message = ""

    async def _chain(self, chain: Chain, streams: Streams) -> int:
        status, ran, last = 0, 0, len(chain.rest)
        for number, (operator, pipeline) in enumerate((("&&", chain.first), *chain.rest)):
            if (status == 0) != (operator == "&&"):
                continue
            with self.tested(number < last):
                status = await self._pipeline(pipeline, streams)
            self.state.status, ran = status, number
            is_negated = pipeline.is_negated
        if status and ran == last and not is_negated and not self._tested:
            self._fail(status)
        return status

    def _fail(self, status: int) -> None:
        if "e" in self.state.options:
            raise Leave(status)

    @contextmanager
    def tested(self, is_tested: bool = True) -> Iterator[None]:
        """Within this, a failure is what somebody looks at: `set -e` does not end the shell."""
        self._tested += is_tested
        try:
            yield
        finally:
            self._tested -= is_tested

    async def _pipeline(self, pipeline: Pipeline, streams: Streams) -> int:
        with self.tested(pipeline.is_negated):
            if len(pipeline.commands) == 1:
                status = await self.command(pipeline.commands[0], streams)
            else:
                status = await self._piped(pipeline.commands, streams)
        return int(not status) if pipeline.is_negated else status

    async def _piped(self, commands: Sequence[Command], streams: Streams) -> int:
        pipes = [Pipe() for _ in commands[1:]]

        async def stage(number: int, command: Command) -> int:
            source = pipes[number - 1] if number else None
            sink = pipes[number] if number < len(pipes) else None
            own = streams.but(
                stdin=source.reader if source else None, out=sink.write if sink else None
            )
            try:
                return await self.sub().run_apart(script_of(command), own)
            finally:
                if sink:
                    sink.end()
                if source:
                    source.close()

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(stage(n, command)) for n, command in enumerate(commands)]
        codes = [task.result() for task in tasks]
        if "pipefail" in self.state.options:
            return next((code for code in reversed(codes) if code), 0)
        return codes[-1]

    async def command(self, command: Command, streams: Streams) -> int:
        """Run one command."""
        await self.state.pace.step()
        if isinstance(command, Simple):
            return await self._simple(command, streams)
        return await run_compound(self, command, streams)

    async def _capture(self, script: Script, streams: Streams) -> str:
        kept = Captured()
        self.state.status = await self.sub().run_apart(script, streams.but(out=kept.write))
        self.state.captured = True
        return kept.data.decode("utf-8", "surrogateescape").replace("\x00", "").rstrip("\n")

    def expander(self, streams: Streams) -> Expander:
        """Return what expands this shell's words."""
        return Expander(self.state, lambda script: self._capture(script, streams))

    async def _simple(self, command: Simple, streams: Streams) -> int:
        expander = self.expander(streams)
        self.state.captured = False
        try:
            words = await expander.words(command.words)
            values = {name: await expander.text(word) for name, word in command.assignments}
        except SyntaxFault as fault:
            raise Leave(self.complain(str(fault), streams)) from fault
        except Unset as unset:
            self.tell_unset(unset, streams)
            raise
        if "x" in self.state.options and words:
            streams.err(f"+ {' '.join(words)}\n".encode("utf-8", "surrogateescape"))
        if not words:
            for name, value in values.items():
                self.state.assign(name, value)
            status = self.state.status if self.state.captured else 0
            return await redirected(self, command.redirects, streams, lambda _: _done(status))
        return await redirected(
            self, command.redirects, streams, lambda own: self._with(values, words, own)
        )

    async def _with(self, values: dict[str, str], words: list[str], streams: Streams) -> int:
        """Run a command with variables that are set for it alone."""
        before = dict(self.state.variables), set(self.state.exported)
        self.state.variables.update(values)
        self.state.exported |= set(values)
        try:
            return await self.run_words(words, streams)
        finally:
            if values:
                self.state.variables, self.state.exported = before

    async def run_words(self, words: list[str], streams: Streams) -> int:
        """Run a function, a builtin or a tool."""
        name = words[0]
        if name in self.state.functions:
            return await self._function(self.state.functions[name], words[1:], streams)
        if name in BUILTINS:
            return await BUILTINS[name](self, words[1:], streams)
        tool = self._find(self._call.container, name)
        if tool is None:
            return self.complain(f"{name}: not found", streams, NOT_FOUND)
        environment = self.state.environment()
        return await self._run_tool(
            Call([tool, *words[1:]], streams, self._call.container, environment)
        )

    async def _function(self, body: Command, words: list[str], streams: Streams) -> int:
        if self.state.depth >= DEEPEST:
            raise Leave(self.complain("maximum function nesting exceeded", streams))
        before, self.state.words = self.state.words, words
        self.state.depth += 1
        try:
            return await self.command(body, streams)
        except Jump as jump:
            if jump.kind != "return":
                raise
            return jump.count
        finally:
            self.state.words = before
            self.state.depth -= 1


async def _done(status: int) -> int:
    return status
