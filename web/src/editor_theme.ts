import { EditorView } from "@codemirror/view";

/** How the text looks; colours are the page's. */
export const editorTheme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--face)",
    fontSize: "var(--text-size)",
    lineHeight: "1.7",
    overflowY: "auto",
  },
  ".cm-content": {
    maxWidth: "44rem",
    margin: "0 auto",
    padding: "2.2rem 1.6rem 40vh",
    caretColor: "var(--ink)",
    fontFeatureSettings: "'cv05', 'ss03', 'calt'",
  },
  ".cm-line": { padding: "0" },
  ".cm-placeholder": { color: "var(--faint)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "1.6px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--selection)" },
  ".cm-cotext-name": { fontFamily: "var(--face)" },
  ".written": {
    backgroundColor: "var(--cotext-shade)",
    borderRadius: "2px",
    boxDecorationBreak: "clone",
  },
  ".gone": {
    color: "var(--faint)",
    textDecoration: "line-through",
    textDecorationThickness: "1px",
  },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "none" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-search": { fontFamily: "var(--face)", fontSize: "14px", padding: "8px 12px" },
  ".cm-search input[type=checkbox]": { accentColor: "var(--accent)" },
  ".cm-textfield": {
    backgroundColor: "var(--paper)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    padding: "4px 8px",
    fontSize: "14px",
  },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--paper)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    padding: "4px 10px",
  },
  ".cm-searchMatch": { backgroundColor: "var(--match)" },
});
