import { hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "#database/database.ts";
import { fitsSecrets } from "#delivery/recipients/signing-secret-records.ts";
import { adminKeyFlaw, secretFlaw } from "./setting-parsers.ts";
import { type Settings, SettingsError } from "./settings.ts";

/** The two secrets that the program lives on. */
export interface Secrets {
  /** Master key: 32 bytes of text or more. */
  readonly secret: string;
  /** Operator key that is always valid. */
  readonly adminKey: string;
  /** True on the one start that made it, so that it is printed that once. */
  readonly adminKeyCreated: boolean;
}

/**
 * Takes the secrets from the settings, else from `DATA_DIR/secret` and `DATA_DIR/operator-key`, which are made (mode 0600) when
 * they are not there. Of several processes that start at once, all get what the first one wrote.
 * Throws SettingsError when a file cannot be read or made, or does not hold what it should.
 */
export async function loadOrCreateSecrets(
  settings: Pick<Settings, "dataDir" | "secret" | "adminKey">,
): Promise<Secrets> {
  const secret = await givenOrKept(settings.secret, {
    path: join(settings.dataDir, SECRET_FILE),
    make: () => randomBytes(32).toString("base64url"),
    flaw: secretFlaw,
  });
  const adminKey = await givenOrKept(settings.adminKey, {
    path: join(settings.dataDir, OPERATOR_KEY_FILE),
    make: () => `lg_admin_${randomBytes(24).toString("hex")}`,
    flaw: adminKeyFlaw,
  });
  return {
    secret: secret.value,
    adminKey: adminKey.value,
    adminKeyCreated: adminKey.created,
  };
}

/** The master key given, or kept in `dataDir`; undefined when there is none yet. None is made. */
export async function keptSecret(
  settings: Pick<Settings, "dataDir" | "secret">,
): Promise<string | undefined> {
  if (settings.secret !== undefined) return settings.secret;
  try {
    return (await readFile(join(settings.dataDir, SECRET_FILE), "utf8")).trim();
  } catch {
    return undefined;
  }
}

/** Whether the database may have been begun with this master key, as far as the signing secrets in it show that. */
export async function fitsStored(secret: string, database: Database, now: Date): Promise<boolean> {
  const key = keyFor("stored-secrets", secret);
  return await database.read((db) => fitsSecrets(db, key, now.toISOString()));
}

/** The operator key that a server on this machine has made in `dataDir`; undefined when there is none to be read. */
export async function adminKeyInDataDir(dataDir: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataDir, OPERATOR_KEY_FILE), "utf8")).trim();
  } catch {
    return undefined;
  }
}

const SECRET_FILE = "secret";
const OPERATOR_KEY_FILE = "operator-key";

interface Keeping {
  readonly path: string;
  readonly make: () => string;
  readonly flaw: (value: string) => string | undefined;
}

async function givenOrKept(
  given: string | undefined,
  keeping: Keeping,
): Promise<{ value: string; created: boolean }> {
  if (given !== undefined) return { value: given, created: false };
  try {
    const created = !(await exists(keeping.path)) && (await createOnce(keeping.path, keeping.make()));
    const value = (await readFile(keeping.path, "utf8")).trim();
    const flaw = keeping.flaw(value);
    if (flaw)
      throw new SettingsError([
        `${keeping.path} ${flaw}. Put it back from a backup: a new one would not fit the data.`,
      ]);
    return { value, created };
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError([
      `${keeping.path} cannot be read or made (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`,
    ]);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await (await open(path, "r")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * Writes a file that is there whole or not at all, also after a power cut; false when another process was first. A hard link and
 * not a rename puts it in place, because a rename would replace the other one's.
 */
async function createOnce(path: string, content: string): Promise<boolean> {
  const folder = join(path, "..");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${content}\n`);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  const entry = await open(folder, "r");
  await entry.sync();
  await entry.close();
  return true;
}

/** What a key that is derived from the master key is for. Each purpose has a key of its own. */
export type KeyPurpose = "pepper" | "stored-secrets" | "demo-key" | "ping-tokens" | "ping-contents" | "peers";

/** 32 bytes for one purpose, derived from the master key by HKDF-SHA256 (RFC 5869). */
export function keyFor(purpose: KeyPurpose, secret: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `leadgate ${purpose} 1`, 32));
}
