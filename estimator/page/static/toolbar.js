/** The tools beside the canvas: which, how large, in which colour; and their keys. */

import { say } from "./texts.js";

const KEYS = { b: "brush", r: "rectangle", f: "fill", e: "eraser" };
// The brush's size at the start, as a part of the picture's side: of classes, and of ink.
const BRUSH_PART = 20;
const SLIDER_PART = 4;

const find = (selector) => document.querySelector(selector);
const hex = (colour) => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function swatch({ name, colour }, number) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "colour", value: String(number) });
  const square = document.createElement("span");
  square.className = "square";
  square.style.backgroundColor = hex(colour);
  const text = document.createElement("span");
  text.textContent = say(name);
  label.append(input, square, text);
  return label;
}

/**
 * Fills the palette, and has the tools work on a canvas.
 * @param {object} description What page.json holds.
 * @param {DrawingCanvas} canvas
 */
export function connectToolbar({ kind, palette }, canvas) {
  find("#tools").hidden = kind === "photo";
  canvas.isOpen = kind !== "photo";
  document.body.dataset.kind = kind;
  if (kind === "photo") return;

  if (kind === "sketch") find("[value=brush] + span").textContent = say("Pen");
  const size = find("#size");
  const side = Math.min(...canvas.size);
  size.max = Math.max(2, Math.round(side / SLIDER_PART));
  size.value = kind === "sketch" ? Math.max(1, Math.round(side / 128)) : Math.round(side / BRUSH_PART);
  find("#palette").append(...palette.map(swatch));
  // One colour is no choice.
  find("#palette").hidden = palette.length < 2;
  const first = palette.findIndex(({ colour }) => hex(colour) !== hex(canvas.background));
  find(`#palette input[value="${Math.max(first, 0)}"]`).checked = true;

  const choose = () => {
    const { name, colour } = palette[Number(find("[name=colour]:checked").value)];
    canvas.tool = { name: find("[name=tool]:checked").value, size: Number(size.value), colour };
    find("#size-shown").textContent = size.value;
    find("#colour-shown").textContent = say(name);
  };
  find("#tools").addEventListener("input", choose);
  choose();

  const press = (selector) => {
    find(selector).checked = true;
    choose();
  };
  find("#undo").addEventListener("click", () => canvas.undo());
  find("#redo").addEventListener("click", () => canvas.redo());
  find("#clear").addEventListener("click", () => canvas.clear());
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=radio]):not([type=checkbox]):not([type=range])")) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z" && !event.shiftKey) canvas.undo();
      else if (key === "y" || key === "z") canvas.redo();
      else return;
    } else if (event.altKey) {
      return;
    } else if (KEYS[key]) {
      press(`[name=tool][value=${KEYS[key]}]`);
    } else if (key === "[" || key === "]") {
      size.value = Number(size.value) + (key === "]" ? 1 : -1);
      choose();
    } else if (/^[0-9]$/.test(key) && find(`#palette input[value="${(Number(key) + 9) % 10}"]`)) {
      press(`#palette input[value="${(Number(key) + 9) % 10}"]`);
    } else {
      return;
    }
    event.preventDefault();
  });
}
