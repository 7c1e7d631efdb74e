// Short words for what every part asks of the page.

export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Say something to a screen reader, without moving anything. */
export function announce(text) {
  const place = find("#announce");
  if (place && text) place.textContent = text;
}
