import { isMapping, type Mapping } from "#text/problem.ts";

/** The very text by which a buyer was told of a lead. */
export interface SentText {
  contentType: string;
  body: string;
}

/**
 * A lead's fields as its buyer was sent them: under its own names where it has a template, which may leave some out. A buyer that is
 * sent nothing, or only that there is a lead, sees them all. Null: it was sent a text of which fields cannot be read (XML, an e-mail, an
 * address), or what was sent is erased.
 */
export function fieldsAsSent(sent: SentText | null, fields: Mapping): Mapping | null {
  if (sent === null) return fields;
  switch (sent.contentType) {
    case "application/json":
      return fieldsInJson(sent.body, fields);
    case "application/x-www-form-urlencoded":
      return sent.body === "" ? null : Object.fromEntries(new URLSearchParams(sent.body));
    default:
      return null;
  }
}

/** The usual body is `{ type, timestamp, data: { …, fields } }`; a thin one has no fields, and a template like them is one. */
function fieldsInJson(body: string, fields: Mapping): Mapping | null {
  const content = mappingIn(body);
  const isUsual = content?.type === "lead.accepted" && isMapping(content.data) && "lead_id" in content.data;
  if (content === null || !isUsual || !isMapping(content.data)) return content;
  if (isMapping(content.data.fields)) return content.data.fields;
  return isWithin(content, ENVELOPE) && isWithin(content.data, THIN_DATA) ? fields : content;
}

/** All that a thin body has: a template that has anything beside it tells what it tells, and nothing more. */
const ENVELOPE = ["type", "timestamp", "data"];
const THIN_DATA = ["lead_id", "campaign_id", "buyer_id", "is_test", "price", "currency"];

function isWithin(value: Mapping, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name));
}

/** Erased, it is empty; a text of the operator's with a number for a name is no JSON. */
function mappingIn(body: string): Mapping | null {
  try {
    const content: unknown = JSON.parse(body);
    return isMapping(content) ? content : null;
  } catch {
    return null;
  }
}
