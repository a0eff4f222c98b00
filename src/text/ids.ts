import { TypeID } from "typeid-js";

/**
 * Ids as they are shown: a prefix that says what is named, and a time-ordered UUIDv7 in base 32
 * (TypeID, https://github.com/jetify-com/typeid). The database keeps the UUID.
 */

/** A new UUIDv7, in its time's order. */
export function newUuid(): string {
  return Bun.randomUUIDv7();
}

/** When a UUIDv7 was made, in ms since 1970: that is what its first 48 bits say. */
export function timeOfUuid(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** The lowest UUIDv7 of a moment, in ms since 1970. */
export function firstUuidAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** `lead_01h455vb4pex5vsknk084sn02q` for a lead's UUID. */
export function leadIdOf(uuid: string): string {
  return idOf("lead", uuid);
}

/** The UUID that a lead's id stands for; undefined when the text is no lead's id. */
export function uuidOfLead(leadId: string): string | undefined {
  return uuidOf("lead", leadId);
}

/** `sale_01h455vb4pex5vsknk084sn02q` for the UUID of one buyer's purchase of a lead. */
export function saleIdOf(uuid: string): string {
  return idOf("sale", uuid);
}

/** `return_01h455vb4pex5vsknk084sn02q` for the UUID of a return. */
export function returnIdOf(uuid: string): string {
  return idOf("return", uuid);
}

/** The UUID that a return's id stands for; undefined when the text is none. */
export function uuidOfReturn(returnId: string): string | undefined {
  return uuidOf("return", returnId);
}

/** `delivery_01h455vb4pex5vsknk084sn02q`, which is also the `webhook-id` that its receiver sees. */
export function deliveryIdOf(uuid: string): string {
  return idOf("delivery", uuid);
}

/** The UUID that a delivery's id stands for; undefined when the text is no delivery's id. */
export function uuidOfDelivery(deliveryId: string): string | undefined {
  return uuidOf("delivery", deliveryId);
}

/** `ping_01h455vb4pex5vsknk084sn02q` for a ping's UUID, as buyers are told it. */
export function pingIdOf(uuid: string): string {
  return idOf("ping", uuid);
}

/** `ask_01h455vb4pex5vsknk084sn02q`, the `webhook-id` under which a buyer is asked for a bid. */
export function askIdOf(uuid: string): string {
  return idOf("ask", uuid);
}

/** `deposit_01h455vb4pex5vsknk084sn02q` for a deposit's UUID. */
export function depositIdOf(uuid: string): string {
  return idOf("deposit", uuid);
}

/** `event_01h455vb4pex5vsknk084sn02q` for the UUID of an event of the ledger. */
export function eventIdOf(uuid: string): string {
  return idOf("event", uuid);
}

/** `change_01h455vb4pex5vsknk084sn02q` for the UUID of a row of the history. */
export function changeIdOf(uuid: string): string {
  return idOf("change", uuid);
}

/** The UUID that the id of a change stands for; undefined when the text is no change's id. */
export function uuidOfChange(changeId: string): string | undefined {
  return uuidOf("change", changeId);
}

/** `update_01h455vb4pex5vsknk084sn02q` for what a supplier reported of a lead. */
export function updateIdOf(uuid: string): string {
  return idOf("update", uuid);
}

/** `erasure_01h455vb4pex5vsknk084sn02q` for an order to forget a person. */
export function erasureIdOf(uuid: string): string {
  return idOf("erasure", uuid);
}

/** The UUID that such an order's id stands for; undefined when the text is none. */
export function uuidOfErasure(erasureId: string): string | undefined {
  return uuidOf("erasure", erasureId);
}

/** `simulation_01h455vb4pex5vsknk084sn02q` for a document that is tried on past leads. */
export function simulationIdOf(uuid: string): string {
  return idOf("simulation", uuid);
}

/** The UUID that a simulation's id stands for; undefined when the text is none. */
export function uuidOfSimulation(simulationId: string): string | undefined {
  return uuidOf("simulation", simulationId);
}

/**
 * The same text as the library's, for what every lead is answered with and statements are full of, in a tenth of its time. The 128 bits
 * follow two that are zero; each letter stands for five.
 */
function idOf(prefix: string, uuid: string): string {
  let [bits, left, written] = [0, 2, 0];
  for (let at = 0; at < uuid.length; at += 1) {
    const digit = HEX_DIGITS[uuid.charCodeAt(at)];
    if (digit === undefined) continue;
    bits = ((bits << 4) | digit) & 255;
    left += 4;
    if (left < 5) continue;
    left -= 5;
    letters[written] = CODES[(bits >> left) & 31] ?? 0;
    written += 1;
  }
  return `${prefix}_${letters.toString("latin1")}`;
}

/** What hexadecimal digits stand for, by their codes; a dash for nothing. */
const HEX_DIGITS: readonly (number | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? undefined : value;
});

/** Crockford's base 32, in lower case. */
const CODES = new TextEncoder().encode("0123456789abcdefghjkmnpqrstvwxyz");

/** Where the letters of an id are put together. */
const letters = Buffer.alloc(26);

function uuidOf(prefix: string, id: string): string | undefined {
  try {
    return TypeID.fromString(id, prefix).toUUID();
  } catch {
    return undefined;
  }
}
