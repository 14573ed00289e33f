"use strict";
// A picture goes to the server, its translation is shown beside it.
const find = (id) => document.getElementById(id);
let chosen = null;

function show(image, blob) {
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  return image.src;
}

async function translate() {
  if (chosen === null) return;
  const started = performance.now();
  find("state").textContent = "…";
  try {
    show(find("input"), chosen);
    const address = `v1/translate?keep_size=${find("keep-size").checked}`;
    const headers = { "Content-Type": "application/octet-stream" };
    const answer = await fetch(address, { method: "POST", body: chosen, headers });
    if (!answer.ok) throw new Error((await answer.json()).error);
    const download = find("download");
    download.href = show(find("output"), await answer.blob());
    download.hidden = false;
    find("state").textContent = `${Math.round(performance.now() - started)} ms`;
  } catch (error) {
    find("state").textContent = error.message;
  }
}

function choose(files) {
  if (files.length === 0) return;
  chosen = files[0];
  translate();
}

find("file").addEventListener("change", (event) => choose(event.target.files));
find("keep-size").addEventListener("change", translate);
for (const name of ["dragover", "dragleave", "drop"]) {
  find("drop").addEventListener(name, (event) => {
    event.preventDefault();
    find("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") choose(event.dataTransfer.files);
  });
}
fetch("note.json").then((answer) => answer.json()).then((note) => {
  const { height, width, channels } = note.input;
  const step = note.step === null ? "" : `, step ${note.step}`;
  find("model").textContent = `${width}x${height}, ${channels} to ${note.output.channels} channels${step}`;
});
