// Prints, as JSON, the MathML of every Formula that pdf.js finds in a PDF: node pdfjs_mathml.mjs
// PDFJS FILE.pdf, where PDFJS is the folder of the npm package pdfjs-dist.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// It wants a browser's drawing, which nothing here does.
for (const name of ["DOMMatrix", "ImageData", "Path2D"]) globalThis[name] ??= class {};
console.warn = () => {};

const [folder, file] = process.argv.slice(2);
const { getDocument, VerbosityLevel } = await import(
  pathToFileURL(`${folder}/legacy/build/pdf.mjs`)
);
const data = new Uint8Array(await readFile(file));
const pdf = await getDocument({ data, verbosity: VerbosityLevel.ERRORS }).promise;
const found = [];
const walk = (node) => {
  if (node.role === "Formula") found.push([node.mathML ?? null, node.alt ?? ""]);
  (node.children ?? []).forEach(walk);
};
for (let number = 1; number <= pdf.numPages; number++) {
  walk((await (await pdf.getPage(number)).getStructTree()) ?? {});
}
console.log(JSON.stringify({ formulas: found, attachments: Object.keys((await pdf.getAttachments()) ?? {}) }));
