import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

/** What a server asks of a device. */
interface Asked {
  challenge: string;
}

/** A device that makes one passkey and signs with it, as WebAuthn has it (https://www.w3.org/TR/webauthn-3, section 6). */
export interface PretendPasskey {
  /** What the browser answers when a passkey is to be made. */
  make(asked: Asked): object;
  /** What it answers when one is to sign. */
  sign(asked: Asked): object;
}

/** `origin`: the page that the browser is on; `counts`: whether the device counts its uses. */
export function pretendPasskey(origin: string, counts = true): PretendPasskey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const credentialId = randomBytes(16);
  const id = credentialId.toString("base64url");
  let uses = 0;

  const clientData = (type: "webauthn.create" | "webauthn.get", { challenge }: Asked) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  /** Section 6.1: somebody is there (0x01), and a credential comes with it (0x40). */
  function authenticatorData(credential?: Uint8Array): Buffer {
    const flags = credential === undefined ? 0x01 : 0x41;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(counts ? uses : 0);
    const party = createHash("sha256").update(new URL(origin).hostname).digest();
    return Buffer.concat([party, Buffer.from([flags]), counter, credential ?? Buffer.alloc(0)]);
  }
  /** RFC 9053, sections 2.1 and 7.1.1: a key on P-256 for ES256. */
  const coseKey = () =>
    isoCBOR.encode(
      new Map<number, number | Uint8Array<ArrayBuffer>>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, "base64url"))],
        [-3, new Uint8Array(Buffer.from(y, "base64url"))],
      ]),
    );

  return {
    make(asked) {
      const length = Buffer.from([0, credentialId.length]);
      const credential = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey()]);
      const attestation = new Map<string, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", new Uint8Array(authenticatorData(credential))],
      ]);
      const response = {
        clientDataJSON: clientData("webauthn.create", asked).toString("base64url"),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString("base64url"),
        transports: ["internal"],
      };
      return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
    },
    sign(asked) {
      uses += 1;
      const data = authenticatorData();
      const client = clientData("webauthn.get", asked);
      const signed = Buffer.concat([data, createHash("sha256").update(client).digest()]);
      const response = {
        clientDataJSON: client.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: sign("sha256", signed, privateKey).toString("base64url"),
      };
      return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
    },
  };
}
