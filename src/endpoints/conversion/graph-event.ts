import { type MatchedPerson, USER_PARAMETERS, type UserParameter, userData } from "./user-data.ts";

/** Where an operator's events come from, and which fields tell what. */
export interface EventSource {
  readonly actionSource: "system_generated" | "website";
  readonly map: Readonly<Partial<Record<MappedParameter, string>>>;
}

/** What fields can be given for: who the person is, and the page that the lead came from. */
export type MappedParameter = UserParameter | "event_source_url";
export const MAPPED_PARAMETERS: readonly MappedParameter[] = [...USER_PARAMETERS, "event_source_url"];

/** Something that happened to a lead, for Meta. */
export interface Happening extends MatchedPerson {
  /** The same however often it is sent: Meta counts an event of one name and id once. */
  readonly eventId: string;
  readonly name: string;
  /** ms since 1970. */
  readonly at: number;
  /** Decimal text, and its ISO 4217 currency. */
  readonly value: string;
  readonly currency: string;
}

/** An event in the form of Meta's Conversions API, for leads that a CRM tells of; JSON text. */
export function graphEvent(happening: Happening, { actionSource, map }: EventSource): string {
  const { eventId, name, at, value, currency, fields } = happening;
  const url = map.event_source_url === undefined ? undefined : fields[map.event_source_url];
  return JSON.stringify({
    event_name: name,
    event_time: Math.floor(at / 1000),
    event_id: eventId,
    action_source: actionSource,
    ...(typeof url === "string" && url !== "" ? { event_source_url: url } : {}),
    user_data: userData(happening, map),
    custom_data: {
      event_source: "crm",
      lead_event_source: "Leadgate",
      value: Number(value),
      currency,
    },
  });
}

/** When the event in a text that `graphEvent` made happened, in ms since 1970. */
export function timeOfEvent(event: string): number {
  return (JSON.parse(event) as { event_time: number }).event_time * 1000;
}
