"""Run all tests but those of a real cluster, in a real Chromium where one can be had.

usage: .venv/bin/python tools/test.py [pytest arguments]
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
LIMIT_S = 600


def main() -> None:
    """Find or install a browser, say so where there is none, and hand over to pytest."""
    arguments = sys.argv[1:]
    browser = find() or install()
    if browser:
        os.environ["CHROMIUM"] = browser
        arguments = ["--browser", *arguments]
    elif os.environ.get("CI"):
        sys.exit("No Chromium was found or could be installed: in CI that is a failure.")
    else:
        print("No Chromium here: browser tests are left out. Name one in CHROMIUM to run them.")
    sys.stdout.flush()
    always = ["--sandbox", "--durations=10", "--hypothesis-profile=thorough"]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *always, *arguments])


def find() -> str:
    """Return the path of an installed Chromium or Chrome, empty where there is none."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    return str(MAC) if MAC.exists() else find_own()


def find_own() -> str:
    """Return the Chromium that playwright has installed for itself, empty where there is none."""
    code = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    path = said.stdout.strip()
    return path if path and Path(path).exists() else ""


def install() -> str:
    """Install a Chromium the way the platform offers; return its path, empty where that fails."""
    if os.environ.get("MESH_DOJO_NO_INSTALL"):
        return ""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium from the distribution, for the browser tests ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet)
    else:
        print("Installing playwright's Chromium, for the browser tests ...", flush=True)
        run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))
    return find()


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run an installer within a time limit; a failure shows in that nothing is found after it."""
    try:
        subprocess.run(
            command, env=environment, stdout=subprocess.DEVNULL, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{command[0]} took longer than {LIMIT_S} s and was ended.")


if __name__ == "__main__":
    main()
