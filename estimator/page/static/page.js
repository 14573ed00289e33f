/** The page: what is drawn or chosen goes to the network, and what comes back is shown. */

import { connectCamera } from "./camera.js";
import { DrawingCanvas } from "./canvas.js";
import { startInBrowser } from "./engine_browser.js";
import { startOnServer } from "./engine_server.js";
import { connectInputs } from "./inputs.js";
import { save } from "./pictures.js";
import { fittedPicture } from "./tensors.js";
import { say, translatePage } from "./texts.js";
import { connectToolbar } from "./toolbar.js";

const KNOWN_VERSION = 1;
const ENGINES = { browser: startInBrowser, server: startOnServer };

const find = (selector) => document.querySelector(selector);

function fail(reason) {
  find("#error").textContent = reason;
  find("#error").hidden = false;
}

function status(text) {
  find("#status").textContent = text;
}

/** Translates what is wanted last; what is wanted meanwhile waits, and the newest of it is next. */
class Translator {
  constructor(show) {
    this.show = show;
    this.engine = null;
    this.wanted = null;
    this.isRunning = false;
  }

  async want(input) {
    this.wanted = input;
    if (!this.engine || this.isRunning) return;
    this.isRunning = true;
    document.body.setAttribute("aria-busy", "true");
    while (this.wanted) {
      const current = this.wanted;
      this.wanted = null;
      try {
        const result = await this.engine.translate(current, find("#keep-size").checked);
        this.show(result);
        find("#error").hidden = true;
      } catch (error) {
        fail(`${say("The picture could not be translated:")} ${error.message}`);
      }
    }
    this.isRunning = false;
    document.body.setAttribute("aria-busy", "false");
  }

  begin(engine) {
    this.engine = engine;
    if (this.wanted) this.want(this.wanted);
  }
}

/** Says which model it is, of what is in the note. */
function aboutModel({ note, engine, error }) {
  const [height, width] = note.pair_format.fine_size;
  const parts = [`${height} x ${width}`];
  if (note.ngf) parts.push(`${note.generator}, ${note.ngf} ${say("filters")}`);
  if (note.step !== null && note.step !== undefined) parts.push(`${say("step")} ${note.step}`);
  if (engine.bits) {
    parts.push(`${engine.bits} ${say("bits a weight")}, ${(engine.bytes / 1e6).toFixed(1)} MB`);
  }
  if (error) {
    const far = `${say("mean")} ${error.mean.toFixed(2)}, ${say("worst")} ${error.worst.toFixed(0)}`;
    parts.push(`${say("distance from the checkpoint, of 255 levels:")} ${far}`);
  }
  return parts.join(" · ");
}

function readyText({ name, threads }) {
  if (name === "server") return say("on the server");
  const detail = threads ? `, ${threads} ${threads === 1 ? say("thread") : say("threads")}` : "";
  return `${say("in the browser")} (${name}${detail})`;
}

function connect(description) {
  const format = description.note.pair_format;
  const canvas = new DrawingCanvas(
    find("#input"),
    find("#cursor"),
    format.fine_size,
    description.background,
  );
  let input = { pixels: canvas.pixels };
  let output = null;
  let ready = "";
  const keepsSize = find("#keep-size");

  const translator = new Translator(({ picture, milliseconds }) => {
    output = picture;
    Object.assign(find("#output"), { width: picture.width, height: picture.height });
    find("#output").getContext("2d").putImageData(picture, 0, 0);
    find("#save").disabled = false;
    status(`${Math.round(milliseconds)} ms ${ready}`);
    find("#output").dataset.count = Number(find("#output").dataset.count ?? 0) + 1;
  });

  const take = (taken, isRemembered = true) => {
    input = taken;
    // To be drawn on, it gets the size of the network's input; until then it goes as it is.
    canvas.set(canvas.isOpen ? fittedPicture(taken.pixels, format) : taken.pixels, isRemembered);
    const { width, height } = taken.pixels;
    const isOther = height !== format.fine_size[0] || width !== format.fine_size[1];
    keepsSize.closest("label").hidden = !isOther;
  };
  const chosen = (taken) => {
    find("#error").hidden = true;
    stopCamera();
    take(taken);
    translator.want(input);
  };
  const stopCamera = connectCamera(
    find("#camera"),
    (pixels, isTaken) => {
      take({ pixels }, isTaken);
      if (isTaken || find("#live").checked) translator.want(input);
    },
    fail,
  );
  canvas.changed = (isFinished) => {
    input = { pixels: canvas.pixels };
    keepsSize.closest("label").hidden = true;
    stopCamera();
    if (isFinished || find("#live").checked) translator.want(input);
  };

  connectToolbar(description, canvas);
  connectInputs(description, chosen, fail);
  keepsSize.addEventListener("change", () => translator.want(input));
  find("#save").addEventListener("click", () => save(output, "output.png"));
  find("#save-input").addEventListener("click", () => save(canvas.pixels, "input.png"));
  if (!description.examples.length && canvas.isOpen) translator.want(input);
  return (engine) => {
    ready = readyText(engine.ready);
    status(ready);
    document.body.dataset.engine = engine.ready.name;
    translator.begin(engine);
  };
}

async function main() {
  translatePage();
  status(say("Loading the model"));
  try {
    const response = await fetch("page.json");
    if (!response.ok) throw new Error(`page.json: ${response.status} ${response.statusText}`);
    const description = await response.json();
    if (description.version !== KNOWN_VERSION) {
      throw new Error(`page.json: ${say("is of another version than the page")}`);
    }
    if (description.title) {
      document.title = description.title;
      find("h1").textContent = description.title;
    }
    find("#about").textContent = aboutModel(description);
    const begin = connect(description);
    begin(await ENGINES[description.engine.where](description));
  } catch (error) {
    status("");
    fail(`${say("The model cannot be loaded:")} ${error.message}`);
  }
}

main();
