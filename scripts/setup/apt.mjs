// Installs packages where apt is the package manager and this user may use it without a password.

import { which } from "../lib/find.mjs";
import { capture, must } from "../lib/run.mjs";

/** The words that come before `apt-get`, or undefined where it cannot be called. */
function privilege() {
  if (!which("apt-get")) return undefined;
  if (process.getuid?.() === 0) return [];
  return which("sudo") && capture("sudo", ["-n", "true"]).code === 0 ? ["sudo", "-n"] : undefined;
}

export const mayUseApt = () => privilege() !== undefined;

/** Brings the package lists up to date; a machine may start without any. */
export const refresh = () => call(["apt-get", "update", "-qq"]);

/** Whether the package lists offer `name`. Ubuntu's empty packages that only start a snap do not count. */
export function offers(name) {
  const { stdout } = capture("apt-cache", ["policy", name]);
  const candidate = /Candidate: (\S+)/.exec(stdout)?.[1];
  return candidate !== undefined && candidate !== "(none)" && !candidate.includes("snap");
}

export const install = (packages) =>
  call(["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages]);

function call(words) {
  const [command, ...args] = [...privilege(), ...words];
  return must(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
