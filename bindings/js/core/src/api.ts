export type { Bias, BlameRange, Engine } from "./readable_document.js";
export type {
  ChangeEvent,
  ChangeKind,
  Observer,
  SaveOptions,
  UpdateListener,
} from "./document.js";
export { CotextDocument } from "./document.js";
export type { Delta, DeltaOperation } from "./delta.js";
export { CotextError } from "./errors.js";
export type {
  ConnectionStatus,
  DocumentState,
  EditCounts,
  Message,
  Packet,
  Present,
  Rights,
  SessionAction,
  SessionEvent,
  SessionOptions,
} from "./session.js";
export { Session } from "./session.js";
export type { DocumentOptions, OpenOptions } from "./cotext.js";
export { Cotext } from "./cotext.js";
export { randomWriter } from "./random.js";
export type { Selection, UndoManagerOptions } from "./undo_manager.js";
export { UndoManager } from "./undo_manager.js";
