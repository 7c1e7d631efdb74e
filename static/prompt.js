// The prompt: lines typed before with the arrows, and a list of what may come next (a combobox).
import { all, find } from "./dom.js";

const MOST = 100; // lines typed before

/** Make the step's prompt listen. */
export function startPrompt() {
  const input = find("#prompt-line");
  if (!input) return;
  const list = find("#prompt-words");
  const history = JSON.parse(input.dataset.history);
  let at = history.length;

  const options = () => all("[role=option]:not([hidden])", list);
  const chosen = () => find("[aria-selected=true]", list);

  function show(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) list.scrollIntoView({ block: "nearest" });
    else choose(null);
  }

  /** Show what still fits: an answer may be older than the line. */
  function suggest() {
    for (const option of all("[role=option]", list)) {
      const { line } = option.dataset;
      option.hidden = line === input.value || !line.startsWith(input.value);
    }
    if (chosen()?.hidden) choose(null);
    show(document.activeElement === input && input.value !== "" && options().length > 0);
  }

  function choose(option) {
    chosen()?.removeAttribute("aria-selected");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id ?? "");
  }

  function move(by) {
    const every = options();
    const next = every.indexOf(chosen()) + by;
    choose(every[(next + every.length) % every.length]);
  }

  function take(option) {
    input.value = `${option.dataset.line} `;
    show(false);
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true })); // ask for what comes after it
  }

  /** Whether Tab takes a word: not between two words, so that nobody is caught in the prompt. */
  function isMeant() {
    return chosen() !== null || !input.value.endsWith(" ");
  }

  function recall(by) {
    at = Math.min(Math.max(at + by, 0), history.length);
    input.value = history[at] ?? "";
    show(false);
  }

  const keys = {
    ArrowUp: () => (list.hidden ? recall(-1) : move(chosen() ? -1 : 0)),
    ArrowDown: () => (list.hidden ? recall(1) : move(1)),
    Tab: () => !list.hidden && isMeant() && take(chosen() ?? options()[0]),
    Enter: () => !list.hidden && chosen() !== null && take(chosen()),
    Escape: () => !list.hidden && show(false),
  };

  input.addEventListener("keydown", (event) => {
    if (event.shiftKey || event.isComposing || !(event.key in keys)) return;
    if (keys[event.key]() !== false) event.preventDefault();
  });
  input.addEventListener("blur", () => show(false));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the line keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  input.addEventListener("input", suggest);
  list.addEventListener("htmx:afterSwap", suggest);
  input.form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== input.form || !event.detail.successful) return;
    history.push(input.value.trim());
    history.splice(0, history.length - MOST);
    at = history.length;
    input.value = "";
    show(false);
  });
}
