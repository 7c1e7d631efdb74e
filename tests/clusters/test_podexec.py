"""What a program in a container says, as lines and as a whole."""

from collections.abc import AsyncGenerator

from app.clusters.podexec import Said, lines_of, output_of


async def pieces(*said: Said) -> AsyncGenerator[Said, None]:
    for piece in said:
        yield piece


async def test_lines_are_joined_across_pieces_and_end_with_the_exit_status() -> None:
    stream = pieces(
        Said("out", b"one\ntw"), Said("err", b"hm\n"), Said("out", b"o\nlast"), Said("end", b"3")
    )
    assert [line async for line in lines_of(stream)] == ["one", "two", "last", "\x00exit 3"]


async def test_no_output_can_look_like_the_end() -> None:
    stream = pieces(Said("out", b"\x00exit 0\n"), Said("end", b"1"))
    assert [line async for line in lines_of(stream)] == ["\ufffdexit 0", "\x00exit 1"]


async def test_a_character_across_pieces_stays_whole() -> None:
    stream = pieces(Said("out", b"\xc3"), Said("out", b"\xa9\n"), Said("end", b"0"))
    assert [line async for line in lines_of(stream)] == ["é", "\x00exit 0"]


async def test_the_whole_keeps_both_streams_apart() -> None:
    output = await output_of(pieces(Said("err", b"e"), Said("out", b"o"), Said("end", b"0")))
    assert (output.code, output.stdout, output.stderr) == (0, "o", "e")


async def test_a_program_that_ran_out_of_time_has_no_exit_status() -> None:
    output = await output_of(pieces(Said("out", b"so far"), Said("end", b"timeout")))
    assert (output.code, output.stdout) == (None, "so far")
