// What commands say: the end is kept in sight, the page is kept small, clocks and counts go on.
import { all } from "./dom.js";

const MOST_LINES = 2000; // of one run kept on the page; the full output has a page of its own

function elapsed(since) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`;
}

/** Bring clocks and counts of lines to the present. */
export function tick() {
  for (const clock of all("[data-since]")) clock.textContent = elapsed(clock.dataset.since);
  for (const count of all("[data-count]")) {
    const last = document.getElementById(count.dataset.count)?.lastElementChild;
    const number = Number(last?.dataset.n || 0);
    count.textContent = number === 1 ? "1 line" : `${number} lines`;
  }
}

/** Scroll with the output only where the reader has not scrolled back. */
export function startOutput() {
  let isAtEnd = false;
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
    if (!target.matches("[data-output]")) return;
    isAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 40;
  });
  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (!target.matches("[data-output]")) return;
    while (target.childElementCount > MOST_LINES) target.firstElementChild.remove();
    if (isAtEnd) target.scrollTop = target.scrollHeight;
  });
  for (const output of all("[data-output]")) output.scrollTop = output.scrollHeight;
  setInterval(tick, 1000);
}
