import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { colorCount } from "./config.js";

const hueStep = 360 / colorCount;
// Neighbours in number are far apart in hue.
const hues = Array.from({ length: colorCount }, (_, i) => 20 + ((i * 5) % colorCount) * hueStep);

function colors(lightness: number, chroma: number, alpha: number): { [selector: string]: object } {
  return Object.fromEntries(
    hues.map((hue, i) => [
      `.cm-cotext-color-${i}`,
      {
        "--cotext-color": `oklch(${lightness} ${chroma} ${hue})`,
        "--cotext-shade": `oklch(${lightness} ${chroma} ${hue} / ${alpha})`,
      },
    ]),
  );
}

function under(
  prefix: string,
  rules: { [selector: string]: object },
): { [selector: string]: object } {
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [`${prefix} ${name}`, rule]),
  );
}

/** How others look. Every class may be styled otherwise: a theme comes before this. */
export const theme: Extension = EditorView.baseTheme({
  ...under("&light", colors(0.55, 0.16, 0.2)),
  ...under("&dark", colors(0.74, 0.13, 0.3)),
  ".cm-cotext-selection": { backgroundColor: "var(--cotext-shade)" },
  ".cm-cotext-caret": {
    position: "relative",
    borderLeft: "2px solid var(--cotext-color)",
    marginLeft: "-1px",
    marginRight: "-1px",
    pointerEvents: "auto",
  },
  ".cm-cotext-name": {
    position: "absolute",
    bottom: "100%",
    left: "-2px",
    padding: "1px 6px 2px",
    borderRadius: "5px 5px 5px 0",
    background: "var(--cotext-color)",
    color: "white",
    font: "500 11px/1.35 system-ui, sans-serif",
    whiteSpace: "nowrap",
    userSelect: "none",
    pointerEvents: "none",
    zIndex: "10",
    opacity: "0",
    animation: "cm-cotext-show 3.5s ease-in",
  },
  "&dark .cm-cotext-name": { color: "#101418" },
  ".cm-cotext-caret:hover .cm-cotext-name, .cm-cotext-typing .cm-cotext-name": {
    opacity: "1",
    animation: "none",
  },
  // A name above the first line would be cut off.
  ".cm-line:first-child .cm-cotext-name": {
    bottom: "auto",
    top: "100%",
    borderRadius: "0 5px 5px 5px",
  },
  "@keyframes cm-cotext-show": { "0%, 85%": { opacity: "1" }, "100%": { opacity: "0" } },
});
