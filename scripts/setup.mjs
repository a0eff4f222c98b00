// Brings a fresh clone to where `npm start` and `npm test` can run: packages installed, a bun that answers.
// Plain Node without packages, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.leadgate-setup`;
const bun = `${root}node_modules/bun/bin/bun.exe`; // so named by the package on every platform

requireNode(20);
const lock = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");
if (!installed(lock)) install(lock);
if (!bunAnswers()) repairBun();

function requireNode(major) {
  if (Number.parseInt(process.versions.node, 10) < major) {
    stop(
      `Node ${major} or later is needed; this is ${process.versions.node}. Install a newer one and run the command again.`,
    );
  }
}

/** True when what is in node_modules came from this very lock file, by us or by an `npm install` done by hand. */
function installed(lock) {
  if (existsSync(stamp)) return readFileSync(stamp, "utf8") === lock;
  const npmsOwn = `${root}node_modules/.package-lock.json`;
  if (!existsSync(npmsOwn) || !existsSync(bun)) return false;
  if (statSync(npmsOwn).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs) return false;
  writeFileSync(stamp, lock);
  return true;
}

/**
 * `npm ci` would be the stricter one, but it refuses a lock file made where the registry lacked some other platform's optional
 * packages (seen with npm 11 and a mirror). `npm install` takes the locked versions all the same, and `--no-save` leaves the lock
 * file as it is.
 */
function install(lock) {
  console.error("Installing packages, once (about 20 seconds)…");
  const ended = npm(["install", "--no-save", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (ended.error) stop("npm was not found. It comes with Node; install it and run the command again.");
  if (ended.status !== 0)
    stop("npm could not install the packages, see above. With the network in order, run the command again.");
  writeFileSync(stamp, lock);
}

/** The npm that started us when there is one: another one on the PATH may be older. */
function npm(options) {
  const running = process.env.npm_execpath;
  if (running?.endsWith("npm-cli.js")) return run(process.execPath, [running, ...options]);
  return run("npm", options, { shell: process.platform === "win32" });
}

function bunAnswers() {
  return spawnSync(bun, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Where npm was told to run no install scripts, bun is a placeholder; its own script puts the real one in place, offline. */
function repairBun() {
  run(process.execPath, [`${root}node_modules/bun/install.js`]);
  if (!bunAnswers()) {
    stop(
      "bun does not start on this machine. Delete node_modules and run the command again; if that does not help, " +
        "install bun from https://bun.com.",
    );
  }
}

function run(program, options, more = {}) {
  return spawnSync(program, options, { cwd: root, stdio: ["ignore", 2, 2], ...more });
}

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
