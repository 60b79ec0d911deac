// Makes the npm package: compiles the sources, and puts all that belongs to it into one archive, the
// same for the same inputs.
//
// Usage: node make_package.mjs --modules=DIR --protoc=FILE --proto=FILE --wasm=FILE --license=FILE
//            --out=FILE --root=DIR FILE...
// Each FILE is of the package, in DIR. The wire format's library goes into the package, so that this
// has no dependencies and needs no bundler; only what is used of it.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const library = "@bufbuild/protobuf";
const importPattern = /(\bfrom\s+|\bimport\s*\(?\s*)"([^"]+)"/g;

const options = {};
const files = [];
for (const argument of process.argv.slice(2)) {
  const option = /^--([a-z]+)=(.*)$/.exec(argument);
  if (option === null) files.push(argument);
  else options[option[1]] = path.resolve(option[2]);
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), "cotext-package-"));
const dist = path.join(work, "dist");
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
  fs.symlinkSync(options.modules, modules);
}

function generate() {
  const plugin = path.join(work, "protoc-gen-es");
  const main = path.join(modules, "@bufbuild/protoc-gen-es/bin/protoc-gen-es");
  fs.writeFileSync(plugin, `#!/bin/sh\nexec "${process.execPath}" "${main}"\n`, { mode: 0o755 });
  run(
    options.protoc,
    `--proto_path=${path.dirname(options.proto)}`,
    `--plugin=protoc-gen-es=${plugin}`,
    `--es_out=${path.join(work, "src")}`,
    "--es_opt=target=ts",
    options.proto,
  );
}

function compile() {
  run(process.execPath, path.join(modules, "typescript/lib/tsc.js"), "--project", work);
  // No type of the interface is one of these.
  fs.rmSync(path.join(dist, "cotext_pb.d.ts"));
}

// Copies a file of the library and what it imports.
function takeIn(file) {
  const from = path.join(modules, library, "dist/esm", file);
  const to = path.join(dist, "protobuf", file);
  if (fs.existsSync(to)) return;
  const text = fs.readFileSync(from, "utf8");
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, text);
  for (const [, , name] of text.matchAll(importPattern)) {
    if (name.startsWith(".")) takeIn(path.join(path.dirname(file), name));
  }
}

// Makes what was compiled import the library's copy.
function bundle() {
  for (const name of fs.readdirSync(dist)) {
    if (!name.endsWith(".js")) continue;
    const file = path.join(dist, name);
    const text = fs.readFileSync(file, "utf8").replaceAll(importPattern, (whole, from, target) => {
      if (target !== library && !target.startsWith(`${library}/`)) return whole;
      const inside = path.join(target.slice(library.length + 1), "index.js");
      takeIn(inside);
      return `${from}"./protobuf/${inside}"`;
    });
    fs.writeFileSync(file, text);
  }
}

function pack() {
  fs.copyFileSync(options.wasm, path.join(dist, "core.wasm"));
  const all = path.join(work, "package");
  fs.mkdirSync(all);
  fs.copyFileSync(options.license, path.join(all, "LICENSE"));
  for (const name of ["README.md", "THIRD_PARTY.md", "dist", "package.json"]) {
    fs.renameSync(path.join(work, name), path.join(all, name));
  }
  const archive = path.join(work, "package.tar");
  run(
    "tar", "--create", `--file=${archive}`, "--sort=name", "--mtime=@0", "--owner=0", "--group=0",
    "--numeric-owner", "--mode=u=rwX,go=rX", "package",
  );
  run("gzip", "--no-name", "-9", archive);
  fs.copyFileSync(`${archive}.gz`, options.out);
}

gather();
generate();
compile();
bundle();
pack();
