// What the pages do beyond htmx: copy, editor, prompt history, clocks, the side sheet, announcements.
// Every page also works without this file.
(() => {
  "use strict";
  const MOST_LINES = 2000; // of one run kept on the page; the full output has a page of its own
  const HISTORY = 100;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function announce(text) {
    const place = find("#announce");
    if (place && text) place.textContent = text;
  }

  // ---- copy buttons -------------------------------------------------------------------------
  function showButtons(root) {
    for (const button of all("[data-copy], [data-reset], [data-close]", root)) button.hidden = false;
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const label = find("[data-copied]", button);
    const text = source.editor ? source.editor.getValue() : source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text.trim());
    } catch {
      getSelection().selectAllChildren(source); // no clipboard: at least it is marked, ready to copy
      return;
    }
    label.textContent = label.dataset.copied;
    announce("Copied.");
    setTimeout(() => { label.textContent = "Copy"; }, 1500);
  }

  // ---- manifests ----------------------------------------------------------------------------
  const BLANK = /___/;
  const blanks = {
    token(stream) {
      if (stream.match("___")) return "blank";
      while (stream.next() != null && !stream.match("___", false)) { /* to the next blank */ }
      return null;
    },
  };

  function enhance(area) {
    if (!window.CodeMirror || area.editor) return;
    const label = find(`label[for="${area.id}"]`);
    const editor = CodeMirror.fromTextArea(area, {
      mode: "yaml",
      lineNumbers: true,
      viewportMargin: Infinity,
      inputStyle: "contenteditable", // a screen reader reads the text itself
      extraKeys: { Tab: false, "Shift-Tab": false }, // Tab moves on (WCAG 2.1.2)
    });
    editor.addOverlay(blanks);
    const field = editor.getInputField();
    field.setAttribute("aria-label", label.textContent.trim());
    field.setAttribute("role", "textbox");
    field.setAttribute("aria-multiline", "true");
    label.addEventListener("click", () => editor.focus());
    editor.on("change", () => {
      editor.save();
      clearWrongLine(editor);
      htmx.trigger(area, "draft");
    });
    area.editor = editor;
  }

  function setText(area, text) {
    if (area.editor) area.editor.setValue(text);
    else {
      area.value = text;
      htmx.trigger(area, "draft");
    }
  }

  function clearWrongLine(editor) {
    if (editor.wrongLine) editor.removeLineClass(editor.wrongLine, "background", "is-wrong-line");
    editor.wrongLine = null;
  }

  function markWrongLine(notice) {
    const editors = all("textarea[data-file]").map((area) => area.editor).filter(Boolean);
    const named = editors.filter((editor) => notice.textContent.includes(editor.getTextArea().dataset.file));
    const editor = named[0] || (editors.length === 1 ? editors[0] : null);
    if (!editor) return;
    clearWrongLine(editor);
    editor.wrongLine = editor.addLineClass(Number(notice.dataset.line) - 1, "background", "is-wrong-line");
  }

  // ---- output -------------------------------------------------------------------------------
  function isAtEnd(output) {
    return output.scrollHeight - output.scrollTop - output.clientHeight < 40;
  }

  function trim(output) {
    while (output.childElementCount > MOST_LINES) output.firstElementChild.remove();
  }

  function outputOf(node) {
    return node.closest?.("[data-output]");
  }

  // ---- clocks -------------------------------------------------------------------------------
  function elapsed(since) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    if (seconds < 60) return `${seconds}s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
    return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`;
  }

  function tick() {
    for (const clock of all("[data-since]")) clock.textContent = elapsed(clock.dataset.since);
    for (const count of all("[data-count]")) {
      const last = document.getElementById(count.dataset.count)?.lastElementChild;
      const number = Number(last?.dataset.n || 0);
      count.textContent = number === 1 ? "1 line" : `${number} lines`;
    }
  }

  // ---- prompt -------------------------------------------------------------------------------
  function history() {
    try {
      return JSON.parse(localStorage.getItem("prompt-history") || "[]");
    } catch {
      return [];
    }
  }

  function remember(line) {
    const lines = history().filter((other) => other !== line);
    localStorage.setItem("prompt-history", JSON.stringify([...lines, line].slice(-HISTORY)));
  }

  function names() {
    return all("[data-sheet]").map((button) => find(".pod-name, .object-name", button).textContent);
  }

  function complete(input) {
    const words = all("#prompt-words option").map((option) => option.value);
    const [start, last] = input.value.match(/^(.*\s)?(\S*)$/).slice(1);
    const whole = words.filter((word) => word.startsWith(input.value) && word !== input.value);
    const named = last ? names().filter((name) => name.startsWith(last) && name !== last) : [];
    const choice = named.length ? (start || "") + shared(named) : shared(whole);
    if (!choice || choice === input.value) return false;
    input.value = choice;
    return true;
  }

  function shared(words) {
    return words.reduce((one, other) => {
      let length = 0;
      while (length < one.length && one[length] === other[length]) length += 1;
      return one.slice(0, length);
    }, words[0] || "");
  }

  function promptKey(event) {
    const input = event.target;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const lines = history();
      const at = Number(input.dataset.at ?? lines.length) + (event.key === "ArrowUp" ? -1 : 1);
      if (at < 0 || at > lines.length) return;
      event.preventDefault();
      input.dataset.at = at;
      input.value = lines[at] ?? "";
    } else if (event.key === "ArrowRight" && input.selectionStart === input.value.length) {
      if (complete(input)) event.preventDefault(); // not Tab: that moves on
    }
  }

  // ---- listening ----------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-reset], [data-close]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    if (button.dataset.reset) {
      const area = document.getElementById(button.dataset.reset);
      setText(area, area.dataset.starter);
    }
    if ("close" in button.dataset) find("#sheet").close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("[data-prompt]")) promptKey(event);
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-file]")) htmx.trigger(event.target, "draft");
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const line = event.detail.parameters.line;
    if (line) remember(line);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const target = event.detail.target;
    if (target?.classList.contains("notice-slot")) target.replaceChildren();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const input = find("[data-prompt]", event.detail.elt);
    if (!input || !event.detail.successful) return;
    input.value = "";
    delete input.dataset.at;
  });

  document.addEventListener("htmx:sendError", (event) => {
    const target = event.detail.target;
    if (!target?.classList.contains("notice-slot")) return;
    target.textContent = "The lab does not answer. Is it still running in its terminal?";
    target.classList.add("notice", "is-bad");
  });

  // Scroll with the output only where the reader has not scrolled back.
  let wasAtEnd = new Map();
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const output = outputOf(event.detail.target);
    if (output) wasAtEnd.set(output, isAtEnd(output));
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const target = event.detail.target;
    const output = outputOf(target);
    if (output) {
      trim(output);
      if (wasAtEnd.get(output)) output.scrollTop = output.scrollHeight;
      wasAtEnd = new Map();
    }
  });

  function settled(root) {
    showButtons(root);
    tick();
    const panel = find("#panel");
    if (panel?.dataset.summary) {
      find("#live-summary").textContent = panel.dataset.summary;
      find(".live").dataset.mood = panel.dataset.mood;
    }
    const notice = find(".notice[data-line]");
    if (notice && !notice.seen) {
      notice.seen = true;
      markWrongLine(notice);
    }
  }

  document.addEventListener("htmx:load", (event) => {
    settled(event.detail.elt.parentElement || document);
    const verdict = find("#verdict");
    if (verdict?.dataset.say && verdict.dataset.said !== "1") {
      verdict.dataset.said = "1";
      announce(verdict.dataset.say);
      if (find(".passed-card")) find("#nav-dot")?.classList.add("is-passed");
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "sheet-content") return; // the stream's swaps name no target
    const sheet = find("#sheet");
    if (!sheet.open) sheet.showModal();
  });

  // A pod whose READY changed lights up for a moment.
  const ready = new Map();
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id !== "panel") return;
    for (const pod of all(".pod")) {
      const now = find(".pod-ready", pod).textContent;
      const before = ready.get(pod.id);
      if (before !== undefined && before !== now) pod.classList.add("is-changed");
      ready.set(pod.id, now);
    }
  });

  // A stream that htmx opens anew (after the lab was restarted) says where it had got to.
  let lastId = "";
  document.addEventListener("htmx:sseMessage", (event) => {
    lastId = event.detail.lastEventId || lastId;
  });
  if (window.htmx) {
    htmx.createEventSource = (url) => {
      const address = new URL(url, location.href);
      if (lastId) address.searchParams.set("read", lastId);
      return new EventSource(address);
    };
  }

  // Time counts while the page is seen and used.
  let used = Date.now();
  for (const kind of ["pointermove", "keydown", "scroll"]) {
    document.addEventListener(kind, () => { used = Date.now(); }, { passive: true });
  }
  const desk = find("[data-step]");
  if (desk) {
    setInterval(() => {
      if (document.hidden || Date.now() - used > 120000) return;
      htmx.ajax("POST", `${desk.dataset.step}/time`, { source: document.body, swap: "none" });
    }, 30000);
    if (matchMedia("(max-width: 56rem)").matches) find(".live-fold").open = false;
    if (matchMedia("(max-width: 75rem)").matches) find(".lessons-fold").open = false;
    for (const output of all("[data-output]")) output.scrollTop = output.scrollHeight;
  }
  for (const area of all("textarea[data-file]")) enhance(area);
  setInterval(tick, 1000);
  settled(document);
})();
