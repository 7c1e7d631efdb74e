// The manifests of a step: an editor over each text area, blanks shown, the line that is wrong marked.
import { all, find } from "./dom.js";

const blanks = {
  token(stream) {
    if (stream.match("___")) return "blank";
    while (stream.next() != null && !stream.match("___", false)) { /* to the next blank */ }
    return null;
  },
};

function enhance(area) {
  const label = find(`label[for="${area.id}"]`);
  const editor = CodeMirror.fromTextArea(area, {
    mode: "yaml",
    lineNumbers: true,
    fixedGutter: false, // a fixed one is laid over the text where it is measured too early
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
    unmark(editor);
    htmx.trigger(area, "draft");
  });
  area.editor = editor;
}

function unmark(editor) {
  if (editor.wrongLine) editor.removeLineClass(editor.wrongLine, "background", "is-wrong-line");
  editor.wrongLine = null;
}

/** Return the editor that a remark or a refusal speaks of. */
function meant(said) {
  const own = said.closest(".manifest");
  const areas = own ? all("textarea[data-file]", own) : all("textarea[data-file]");
  const named = areas.filter((area) => said.textContent.includes(area.dataset.file));
  return (areas.length === 1 ? areas[0] : named[0])?.editor;
}

/** Mark the lines that have been spoken of since the last time. */
export function markLines() {
  for (const said of all("[data-line]:not([data-marked]):is(.notice, .remark-text)")) {
    said.dataset.marked = "";
    const editor = meant(said);
    const line = Number(said.dataset.line) - 1;
    if (!editor || line < 0) continue;
    unmark(editor);
    editor.wrongLine = editor.addLineClass(line, "background", "is-wrong-line");
  }
}

function reset(area) {
  if (area.editor) area.editor.setValue(area.dataset.starter);
  else {
    area.value = area.dataset.starter;
    htmx.trigger(area, "draft");
  }
}

/** Turn the page's text areas into editors. */
export function startEditors() {
  if (window.CodeMirror) all("textarea[data-file]").forEach(enhance);
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-file]")) htmx.trigger(event.target, "draft");
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reset]");
    if (button) reset(document.getElementById(button.dataset.reset));
  });
}
