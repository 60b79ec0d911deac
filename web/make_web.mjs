// Makes the page, and of all its files one C++ source (web_files.h), the same for the same inputs.
//
// Usage: node make_web.mjs --typescript=DIR --modules=DIR --core=FILE --codemirror=FILE --out=FILE
//            --root=DIR FILE...
// Each FILE is of the page, in DIR; `core` and `codemirror` are the archives of the npm packages, and
// `modules` holds what else is needed. With --folder=DIR in place of --out, the files go there.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

const options = {};
const files = [];
for (const argument of process.argv.slice(2)) {
  const option = /^--([a-z]+)=(.*)$/.exec(argument);
  if (option === null) files.push(argument);
  else options[option[1]] = path.resolve(option[2]);
}

const work = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cotext-web-")));
const modules = path.join(work, "node_modules");
process.once("exit", () => fs.rmSync(work, { recursive: true, force: true }));

function run(program, ...arguments_) {
  execFileSync(program, arguments_, { cwd: work, stdio: ["ignore", 2, "inherit"] });
}

// Copies files out of the build's tree, where they are links.
function gather() {
  for (const file of files) {
    const to = path.join(work, path.relative(options.root, path.resolve(file)));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(file, to);
  }
  for (const name of ["core", "codemirror"]) {
    const folder = path.join(modules, "@cotext", name);
    fs.mkdirSync(folder, { recursive: true });
    run(
      "tar",
      "--extract",
      `--file=${options[name]}`,
      `--directory=${folder}`,
      "--strip-components=1",
    );
  }
  for (const name of fs.readdirSync(options.modules)) {
    fs.symlinkSync(path.join(options.modules, name), path.join(modules, name));
  }
}

function build() {
  run(process.execPath, path.join(options.typescript, "lib/tsc.js"), "--project", work);
  const vite = path.join(
    fs.realpathSync(path.join(modules, "vite/package.json")),
    "../bin/vite.js",
  );
  run(process.execPath, vite, "build");
}

// Licences of what the page is made of ask to be given with it.
function addLicences() {
  const folders = ["@codemirror", "@cotext", "@fontsource-variable", "@lezer", "@marijn"];
  const names = folders.flatMap((folder) =>
    fs.readdirSync(path.join(modules, folder)).map((name) => `${folder}/${name}`),
  );
  const licences = [...names, "crelt", "style-mod", "w3c-keyname"].flatMap((name) =>
    ["LICENSE", "THIRD_PARTY.md"]
      .map((file) => path.join(modules, name, file))
      .filter((file) => fs.existsSync(file))
      .map((file) => `${name}\n\n${fs.readFileSync(file, "utf8")}`),
  );
  const line = `\n${"-".repeat(72)}\n`;
  fs.writeFileSync(path.join(work, "dist/licences.txt"), licences.join(line));
}

function literal(bytes) {
  let text = "";
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
    text += isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return text.replace(/(?:\\\d{3}|[^\\]){1,2000}/g, (line) => `    "${line}"\n`).trimEnd();
}

function writeSource() {
  const dist = path.join(work, "dist");
  const names = fs.readdirSync(dist, { recursive: true }).map(String).sort();
  const kept = names.filter((name) => fs.statSync(path.join(dist, name)).isFile());
  let source = '#include "web/web_files.h"\n\nnamespace cotext {\nnamespace {\n\n';
  const entries = kept.map((name, i) => {
    const bytes = fs.readFileSync(path.join(dist, name));
    const zipped = gzipSync(bytes, { level: 9 });
    const isSmaller = zipped.length < 0.9 * bytes.length;
    source += `constexpr char kContent${i}[] =\n${literal(bytes)};\n`;
    if (isSmaller) source += `constexpr char kZipped${i}[] =\n${literal(zipped)};\n`;
    return (
      `    {"${name}", {kContent${i}, ${bytes.length}}, ` +
      `${isSmaller ? `{kZipped${i}, ${zipped.length}}` : "{}"}},\n`
    );
  });
  source += `\nconstexpr net::EmbeddedFile kFiles[] = {\n${entries.join("")}};\n\n}  // namespace\n\n`;
  source +=
    "std::span<const net::EmbeddedFile> WebFiles() { return kFiles; }\n\n}  // namespace cotext\n";
  fs.writeFileSync(options.out, source);
}

gather();
build();
addLicences();
if (options.folder === undefined) writeSource();
else fs.cpSync(path.join(work, "dist"), options.folder, { recursive: true });
