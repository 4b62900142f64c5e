// What a server that renders pages does with the package: it imports what the pages import.

import { open } from "pluresdb";

export const render = () => `<p>${typeof open}</p>`;
