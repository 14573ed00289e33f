/** The page's texts in the reader's language: English as written, or Chinese. */

import { CHINESE } from "./chinese.js";

// Of what is read out or shown besides the text itself.
const ATTRIBUTES = ["aria-label", "title"];

/** The language of the page, "en" or "zh"; `?lang=` in the address goes before the browser's. */
export function language() {
  const asked = new URLSearchParams(window.location.search).get("lang") ?? navigator.language ?? "";
  return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Says an English text in the language of the page; what has no translation stays as it is. */
export function say(text) {
  return language() === "zh" ? (CHINESE[text] ?? text) : text;
}

/** Translates what stands in the page itself: text without elements in it, and what is read out. */
export function translatePage() {
  if (language() === "en") return;
  document.documentElement.lang = "zh-CN";
  document.title = say(document.title);
  document.querySelectorAll("body *").forEach((element) => {
    ATTRIBUTES.filter((name) => element.hasAttribute(name)).forEach((name) => {
      element.setAttribute(name, say(element.getAttribute(name)));
    });
    const text = element.textContent.trim().replace(/\s+/g, " ");
    if (!element.children.length && text) element.textContent = say(text);
  });
}
