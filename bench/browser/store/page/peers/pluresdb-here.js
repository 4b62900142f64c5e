/** PluresDB with its engine on the thread of the page, else as in its worker. */

import { openWith } from "./pluresdb.js";

export const open = (name, durability) => openWith(name, { durability, worker: false });
