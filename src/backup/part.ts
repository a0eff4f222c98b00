import type { Table, TableTally } from "./table-records.ts";

/** What a backup is made of, in this order: one header; of each table its rows in chunks and then what they come to; the end. */
export type Part =
  | { readonly part: "header"; readonly header: Header }
  | { readonly part: "rows"; readonly table: Table; readonly lines: readonly string[] }
  | { readonly part: "table"; readonly table: Table; readonly tally: TableTally }
  | { readonly part: "end" };

export interface Header {
  /** Of the program that made it. */
  readonly version: string;
  /** Version of the schema, as `when` of a Migration. */
  readonly schema: number;
  /** RFC 3339. */
  readonly madeAt: string;
  readonly database: "postgres" | "embedded";
  /** It was spread over nodes of Citus: each campaign is as at one moment, and not all at the same. Absent: all is as at one. */
  readonly spread?: true | undefined;
  /** Tells one master key from another, and nothing of either. */
  readonly secretFingerprint: string;
  readonly tables: readonly Table[];
}

/** Of the key under which signing secrets are stored, which comes from the master key. */
export function secretFingerprint(secretKey: Uint8Array): string {
  return new Bun.CryptoHasher("sha256")
    .update("leadgate fingerprint 1\0")
    .update(secretKey)
    .digest("hex")
    .slice(0, 16);
}

/** What a backup is signed with: whoever restores it has the master key, and whoever can only write where backups lie has not. */
export function backupKey(secretKey: Uint8Array): Uint8Array {
  return new Bun.CryptoHasher("sha256", secretKey).update("leadgate backup 1").digest();
}

/** Counts lines, and adds up the first 56 bits of the SHA-256 of each, so that rows may come in any order. */
export function openTally(): { add(line: string): void; read(): TableTally } {
  let rows = 0;
  // Halves of 28 bits stay exact in doubles for 2^24 rows, at a tenth of what adding bigints costs.
  let sum = 0n;
  let high = 0;
  let low = 0;
  const carry = () => {
    sum += BigInt(high) * 0x1000_0000n + BigInt(low);
    high = 0;
    low = 0;
  };
  return {
    add(line) {
      const digest = new Bun.CryptoHasher("sha256").update(line).digest();
      high += digest.readUInt32BE(0) >>> 4;
      low += (digest.readUInt32BE(3) & 0x0fff_ffff) >>> 0;
      rows += 1;
      if (rows % 0x100_0000 === 0) carry();
    },
    read() {
      carry();
      return { rows, checksum: sum.toString() };
    },
  };
}
