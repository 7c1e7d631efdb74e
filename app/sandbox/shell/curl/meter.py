"""The progress meter that curl writes to its errors, where its output is no terminal."""

from app.sandbox.shell.curl.transfer import Result

_HEAD = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n"
)
_NOTHING = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
_PARALLEL_HEAD = "DL% UL%  Dled  Uled  Xfers  Live Total     Current  Left    Speed\n"


def begun() -> bytes:
    """Return what is written when a transfer begins."""
    return (_HEAD + _NOTHING).encode()


def ended(result: Result) -> bytes:
    """Return what is written when a transfer has ended."""
    if not result.downloaded and not result.uploaded:
        return f"{_NOTHING}\n".encode()
    speeds = [
        int(size / max(result.timing.total, 1e-6)) for size in (result.downloaded, result.uploaded)
    ]
    total = result.downloaded + result.uploaded
    spent = _clock(result.timing.total) if result.timing.total >= 1 else "--:--:--"
    sent = 100 if result.uploaded else 0
    sizes = f"{_size(total)}  100 {_size(result.downloaded)}  {sent:3} {_size(result.uploaded)}"
    rates = f"{_size(speeds[0], 6)} {_size(speeds[1], 6)}"
    times = f"{spent} {spent} --:--:--"
    return f"\r100 {sizes} {rates} {times} {_size(sum(speeds))}\n".encode()


def all_begun(count: int) -> bytes:
    """Return what is written when transfers side by side begin."""
    line = f"\r--  --      0     0 {count:5} {count:5}  --:--:-- --:--:-- --:--:--     0      "
    return (_PARALLEL_HEAD + line).encode()


def all_ended(results: list[Result], took_s: float) -> bytes:
    """Return what is written when transfers side by side have ended."""
    size = sum(result.downloaded for result in results)
    speed = int(size / max(took_s, 1e-6))
    spent = _clock(took_s) if took_s >= 1 else "--:--:--"
    counts = f"{len(results):5} {0:5}"
    line = f"\r100 --  {_size(size)}     0 {counts}  {spent} {spent} --:--:-- {_size(speed)}     \n"
    return line.encode()


def _size(count: int, width: int = 5) -> str:
    for unit in ("", "k", "M", "G"):
        written = f"{count}{unit}"
        if len(written) <= width:
            return written.rjust(width)
        count //= 1024
    return "-" * width


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:2}:{whole // 60 % 60:02}:{whole % 60:02}"
