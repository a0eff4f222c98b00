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
      return Object.fromEntries(new URLSearchParams(sent.body));
    default:
      return null;
  }
}

/** The usual body is `{ type, timestamp, data: { …, fields } }`; a thin one has no fields. */
function fieldsInJson(body: string, fields: Mapping): Mapping | null {
  const content = mappingIn(body);
  const isUsual = content?.type === "lead.accepted" && isMapping(content.data) && "lead_id" in content.data;
  if (content === null || !isUsual || !isMapping(content.data)) return content;
  return isMapping(content.data.fields) ? content.data.fields : fields;
}

/** Erased, it is empty. */
function mappingIn(body: string): Mapping | null {
  if (body === "") return null;
  const content: unknown = JSON.parse(body);
  return isMapping(content) ? content : null;
}
