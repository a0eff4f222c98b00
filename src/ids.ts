import { TypeID } from "typeid-js";

/**
 * Ids as they are shown: a prefix that says what is named, and a time-ordered UUIDv7 in base 32
 * (TypeID, https://github.com/jetify-com/typeid). The database keeps the UUID.
 */

/** A new UUIDv7, in its time's order. */
export function newUuid(): string {
  return Bun.randomUUIDv7();
}

/** `lead_01h455vb4pex5vsknk084sn02q` for a lead's UUID. */
export function leadIdOf(uuid: string): string {
  return TypeID.fromUUID("lead", uuid).toString();
}

/** The UUID that a lead's id stands for; undefined when the text is no lead's id. */
export function uuidOfLead(leadId: string): string | undefined {
  return uuidOf("lead", leadId);
}

/** `delivery_01h455vb4pex5vsknk084sn02q`, which is also the `webhook-id` that its receiver sees. */
export function deliveryIdOf(uuid: string): string {
  return TypeID.fromUUID("delivery", uuid).toString();
}

/** The UUID that a delivery's id stands for; undefined when the text is no delivery's id. */
export function uuidOfDelivery(deliveryId: string): string | undefined {
  return uuidOf("delivery", deliveryId);
}

/** `deposit_01h455vb4pex5vsknk084sn02q` for a deposit's UUID. */
export function depositIdOf(uuid: string): string {
  return TypeID.fromUUID("deposit", uuid).toString();
}

function uuidOf(prefix: string, id: string): string | undefined {
  try {
    return TypeID.fromString(id, prefix).toUUID();
  } catch {
    return undefined;
  }
}
