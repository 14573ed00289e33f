/** Pictures from elsewhere: files that are chosen, dropped or pasted, and the examples. */

import { decoded } from "./pictures.js";
import { say } from "./texts.js";

const find = (selector) => document.querySelector(selector);

/**
 * Connects all ways in.
 * @param {object} description What page.json holds.
 * @param {function} take Of {pixels, file}, the picture and the file that it is from.
 * @param {function} fail Of a text that says why there is no picture.
 */
export function connectInputs({ examples }, take, fail) {
  const open = async (file) => {
    try {
      take({ pixels: await decoded(file), file });
    } catch {
      fail(say("This file is no picture that the browser can open."));
    }
  };

  find("#file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) open(file);
    // So that the same file can be chosen again.
    event.target.value = "";
  });

  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    if (file) open(file);
  });

  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (file) open(file);
    else fail(say("The clipboard holds no picture."));
  });
  const paste = find("#paste");
  paste.hidden = !navigator.clipboard?.read;
  paste.addEventListener("click", async () => {
    try {
      const items = await navigator.clipboard.read();
      const type = (item) => item.types.find((each) => each.startsWith("image/"));
      const item = items.find(type);
      if (item) open(await item.getType(type(item)));
      else fail(say("The clipboard holds no picture."));
    } catch {
      fail(say("The browser does not let this page read the clipboard."));
    }
  });

  const list = find("#examples");
  list.parentElement.hidden = examples.length === 0;
  const load = async (address) => {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) await open(await response.blob());
    else fail(say("The example cannot be loaded."));
  };
  list.append(
    ...examples.map(({ file, name }) => {
      const button = document.createElement("button");
      const image = document.createElement("img");
      button.type = "button";
      Object.assign(image, { src: file, alt: `${say("Example")} ${name}` });
      button.append(image);
      button.addEventListener("click", () => load(file));
      return button;
    }),
  );
  if (examples.length) load(examples[0].file);
}
