import { load } from "@cotext/core";

import { App } from "./app.js";
import { takeToken } from "./token.js";
import { Workspace } from "./workspace.js";

const token = takeToken();
const workspace = new Workspace(await load(), token);
document.getElementById("app")!.replaceChildren(new App(workspace, token).element);
