// Engines that keep a text in Node.js, each used as its documentation shows. `make(modules)` loads a
// package from a folder of packages and returns what can be done with it; loops over edits are each
// engine's own, so that each is compiled for itself:
//   create()                an empty document, to be edited
//   type(document, patches)      each edit on its own, committed where that is the user's to do
//   typeAll(document, patches)   all edits in one transaction
//   text(document)
//   history(document)       all of it, as bytes for another copy; receive(document, bytes)
//   save(document)          a file; load(bytes) returns the document in it
//   watch(document, listener)    calls the listener with an update for each edit; returns what ends
//                           that, or of engines without events, what asks for the next update
//   free(document)
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const writer = 1;
const reader = 2;

async function cotext({ folder }) {
  const { load } = await import(pathToFileURL(path.join(folder, "dist/node.js")));
  const core = await load();
  const type = (document, patches) => {
    for (const [index, length, text] of patches) document.replace(index, length, text);
  };
  return {
    create: (id = writer) => core.createDocument({ writer: id }),
    type,
    typeAll: (document, patches) => document.transact(() => type(document, patches)),
    text: (document) => document.toString(),
    history: (document) => document.encodeStateAsUpdate(),
    receive: (document, bytes) => document.applyUpdate(bytes),
    save: (document) => document.save(),
    load: (bytes) => core.openDocument(bytes, { writer: reader }),
    watch: (document, listener) => document.on("update", listener),
    free: (document) => document.free(),
  };
}

function yjs({ require }) {
  const Y = require("yjs");
  const type = ({ text }, patches) => {
    for (const [index, length, inserted] of patches) {
      if (length > 0) text.delete(index, length);
      if (inserted) text.insert(index, inserted);
    }
  };
  const create = (id = writer) => {
    const doc = new Y.Doc();
    doc.clientID = id;
    return { doc, text: doc.getText("text") };
  };
  const receive = ({ doc }, bytes) => Y.applyUpdate(doc, bytes);
  return {
    create,
    type,
    typeAll: (document, patches) => document.doc.transact(() => type(document, patches)),
    text: ({ text }) => text.toString(),
    history: ({ doc }) => Y.encodeStateAsUpdate(doc),
    receive,
    save: ({ doc }) => Y.encodeStateAsUpdate(doc),
    load: (bytes) => {
      const document = create(reader);
      receive(document, bytes);
      return document;
    },
    watch: ({ doc }, listener) => void doc.on("update", listener),
    free: ({ doc }) => doc.destroy(),
  };
}

function loro({ require }) {
  const { LoroDoc } = require("loro-crdt");
  const create = (id = writer) => {
    const doc = new LoroDoc();
    doc.setPeerId(String(id));
    return { doc, text: doc.getText("text") };
  };
  return {
    create,
    type: ({ doc, text }, patches) => {
      for (const [index, length, inserted] of patches) {
        if (length > 0) text.delete(index, length);
        if (inserted) text.insert(index, inserted);
        doc.commit();
      }
    },
    typeAll: ({ doc, text }, patches) => {
      for (const [index, length, inserted] of patches) {
        if (length > 0) text.delete(index, length);
        if (inserted) text.insert(index, inserted);
      }
      doc.commit();
    },
    text: ({ text }) => text.toString(),
    history: ({ doc }) => doc.export({ mode: "update" }),
    receive: ({ doc }, bytes) => void doc.import(bytes),
    save: ({ doc }) => doc.export({ mode: "snapshot" }),
    load: (bytes) => {
      const document = create(reader);
      document.doc.import(bytes);
      return document;
    },
    watch: ({ doc }, listener) => void doc.subscribeLocalUpdates(listener),
    free: ({ doc, text }) => {
      text.free();
      doc.free();
    },
  };
}

function automerge({ require }) {
  const A = require("@automerge/automerge");
  const actor = (id) => String(id).padStart(32, "0");
  // All copies have the change that made the text.
  const [first] = A.getAllChanges(A.from({ text: "" }, actor(9)));
  return {
    create: (id = writer) => ({ doc: A.applyChanges(A.init(actor(id)), [first])[0] }),
    type: (document, patches) => {
      for (const [index, length, inserted] of patches) {
        document.doc = A.change(document.doc, (doc) => {
          A.splice(doc, ["text"], index, length, inserted);
        });
      }
    },
    typeAll: (document, patches) => {
      document.doc = A.change(document.doc, (doc) => {
        for (const [index, length, inserted] of patches) {
          A.splice(doc, ["text"], index, length, inserted);
        }
      });
    },
    text: ({ doc }) => doc.text,
    history: ({ doc }) => A.save(doc),
    receive: (document, bytes) => {
      document.doc = A.loadIncremental(document.doc, bytes);
    },
    save: ({ doc }) => A.save(doc),
    load: (bytes) => ({ doc: A.load(bytes, actor(reader)) }),
    watch: (document, listener) => () => listener(A.getLastLocalChange(document.doc)),
    free: ({ doc }) => A.free(doc),
  };
}

function diamondTypes({ require }) {
  const { Doc } = require("diamond-types-node");
  const type = (doc, patches) => {
    for (const [index, length, inserted] of patches) {
      if (length > 0) doc.del(index, length);
      if (inserted) doc.ins(index, inserted);
    }
  };
  return {
    create: (id = writer) => new Doc(String(id)),
    type,
    typeAll: type,
    text: (doc) => doc.get(),
    history: (doc) => doc.toBytes(),
    receive: (doc, bytes) => void doc.mergeBytes(bytes),
    save: (doc) => doc.toBytes(),
    load: (bytes) => Doc.fromBytes(bytes, String(reader)),
    watch: (doc, listener) => {
      let version = doc.getLocalVersion();
      return () => {
        listener(doc.getPatchSince(version));
        version = doc.getLocalVersion();
      };
    },
    free: (doc) => doc.free(),
  };
}

/** By name: the package, whether positions count code points instead of UTF-16 units, and `make`. */
export const engines = {
  "@cotext/core": { make: cotext },
  "diamond-types": { package: "diamond-types-node", inCodePoints: true, make: diamondTypes },
  loro: { package: "loro-crdt", make: loro },
  yjs: { package: "yjs", make: yjs },
  automerge: { package: "@automerge/automerge", make: automerge },
};

export async function makeEngine(name, { modules, folder }) {
  const require = createRequire(path.join(path.resolve(modules), "engines.cjs"));
  return engines[name].make({ require, folder: path.resolve(folder) });
}
