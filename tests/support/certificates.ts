import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** What those that trust it are given, in PEM. */
  readonly cert: string;
  /** A server's certificate for one name or IPv4 address, signed by this authority. */
  issue(name: string, valid?: Validity): Certificate;
}

export interface Validity {
  readonly from: Date;
  readonly until: Date;
}

const NOW_VALID: Validity = { from: new Date("2020-01-01"), until: new Date("2049-01-01") };

/** An authority made for one test run. Made here, because neither openssl nor a package for it can be counted on. */
export function makeAuthority(): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = nameOf("Leadgate tests");
  const cert = certificate({
    subject,
    issuer: subject,
    keys,
    signedWith: keys.privateKey,
    valid: NOW_VALID,
    extensions: [extension("2.5.29.19", sequence(der(0x01, Buffer.of(0xff))), { critical: true })],
  });
  return {
    cert,
    issue(name, valid = NOW_VALID) {
      const ownKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const alternative = isIPv4(name)
        ? der(0x87, Buffer.from(name.split(".").map(Number)))
        : der(0x82, Buffer.from(name));
      return {
        key: ownKeys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: certificate({
          subject: nameOf(name),
          issuer: subject,
          keys: ownKeys,
          signedWith: keys.privateKey,
          valid,
          extensions: [extension("2.5.29.17", sequence(alternative))],
        }),
      };
    },
  };
}

interface Contents {
  subject: Buffer;
  issuer: Buffer;
  keys: { publicKey: KeyObject };
  signedWith: KeyObject;
  valid: Validity;
  extensions: Buffer[];
}

/** RFC 5280 section 4.1, signed with ECDSA and SHA-256. */
function certificate({ subject, issuer, keys, signedWith, valid, extensions }: Contents): string {
  const algorithm = sequence(objectId("1.2.840.10045.4.3.2"));
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    issuer,
    sequence(time(valid.from), time(valid.until)),
    subject,
    keys.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const bytes = sequence(toBeSigned, algorithm, bitString(sign("sha256", toBeSigned, signedWith)));
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId("2.5.4.3"), der(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer, { critical = false } = {}): Buffer {
  return sequence(objectId(id), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value));
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  // Years to 2049 are written with two digits.
  return der(0x17, Buffer.from(digits.slice(2)));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.of(0), bytes]));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    digits.unshift((left % 128) + 128);
  return digits;
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
