/**
 * Rows as COPY takes them in its binary form (PostgreSQL manual, COPY, "Binary Format"). They are written into one buffer, which is kept:
 * what `end` gives out is good until the next `begin`.
 */
export interface BinaryRows {
  begin(): void;
  /** Begins a row of so many values, which are written next. */
  row(values: number): void;
  null(): void;
  text(value: string): void;
  /** The text of a `jsonb`. */
  jsonb(value: string): void;
  uuid(value: string): void;
  boolean(value: boolean): void;
  smallint(value: number): void;
  integer(value: number): void;
  /** Of ISO 8601, to the millisecond. */
  instant(value: string): void;
  /** A `numeric` of four places, in ten-thousandths. */
  money(tenThousandths: number): void;
  end(): Uint8Array;
}

/** The signature, then no flags and no extension. */
const HEAD = Buffer.from("PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** Between the epochs of Postgres (2000) and of JavaScript (1970). */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const VERSION_OF_JSONB = 1;
/** More than any value but a text takes, with its length before it. */
const ROOM = 64;

export function binaryRows(): BinaryRows {
  let bytes = Buffer.allocUnsafe(64 * 1024);
  let at = 0;
  let [lastInstant, lastMicros] = ["", 0n];

  function makeRoom(more: number): void {
    if (at + more <= bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + more));
    bytes.copy(larger, 0, 0, at);
    bytes = larger;
  }

  function int16(value: number): void {
    at = bytes.writeInt16BE(value, at);
  }

  function int32(value: number): void {
    at = bytes.writeInt32BE(value, at);
  }

  /** A character of JavaScript takes at most three bytes of UTF-8. */
  function utf8(value: string, ...before: number[]): void {
    makeRoom(value.length * 3 + ROOM);
    const start = at + 4;
    for (const [index, byte] of before.entries()) bytes[start + index] = byte;
    const length = before.length + bytes.write(value, start + before.length, "utf8");
    int32(length);
    at += length;
  }

  return {
    begin() {
      at = HEAD.copy(bytes);
    },
    row(values) {
      makeRoom(2 + values * ROOM);
      int16(values);
    },
    null: () => int32(-1),
    text: (value) => utf8(value),
    jsonb: (value) => utf8(value, VERSION_OF_JSONB),
    uuid(value) {
      int32(16);
      at += bytes.write(value.replaceAll("-", ""), at, "hex");
    },
    boolean(value) {
      int32(1);
      at = bytes.writeUInt8(value ? 1 : 0, at);
    },
    smallint(value) {
      int32(2);
      int16(value);
    },
    integer(value) {
      int32(4);
      int32(value);
    },
    instant(value) {
      if (value !== lastInstant) {
        [lastInstant, lastMicros] = [value, BigInt(Date.parse(value) - EPOCH_MS) * 1000n];
      }
      int32(8);
      at = bytes.writeBigInt64BE(lastMicros, at);
    },
    money(tenThousandths) {
      const digits = digitsOf(Math.abs(tenThousandths));
      int32(8 + digits.length * 2);
      int16(digits.length);
      int16(digits.length - 2);
      int16(tenThousandths < 0 ? NEGATIVE : 0);
      int16(PLACES);
      for (const digit of digits) int16(digit);
    },
    end() {
      makeRoom(2);
      int16(-1);
      return bytes.subarray(0, at);
    },
  };
}

const NEGATIVE = 0x4000;
const PLACES = 4;
const BASE = 10_000;

/** To the base of 10,000, in which a `numeric` is kept; the last one are the four places. */
function digitsOf(tenThousandths: number): number[] {
  const digits = [tenThousandths % BASE];
  for (let rest = Math.floor(tenThousandths / BASE); rest > 0; rest = Math.floor(rest / BASE)) {
    digits.unshift(rest % BASE);
  }
  return digits;
}
