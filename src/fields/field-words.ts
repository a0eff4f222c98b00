import type { WordsFor } from "#text/setting-words.ts";
import type { FieldDefinition } from "./types/definition.ts";

/** What operators read about the fields of a campaign. */
export const FIELD_WORDS: WordsFor<FieldDefinition> = {
  name: {
    means:
      "Under which name leads carry the field. That of a system field (first_name, last_name, phone, email, state, zip_code, " +
      "source, trustedform_cert_url) makes that one required or narrower.",
    example: "roof_age",
  },
  type: { means: "What values are understood as.", example: "integer" },
  required: {
    means:
      "Whether a lead without it is refused. first_name, last_name, phone and email always are required.",
    default: false,
    example: true,
  },
  required_for_ping: {
    means: "Whether a ping without it is refused. A hash stands in for phone and email.",
    default: false,
    example: true,
  },
  label: {
    means: "What it is called on the campaign's page and in messages.",
    otherwise: "its name, read aloud: roof_age is Roof age",
    example: "Roof age",
  },
  description: {
    means: "What suppliers read about it on the campaign's page.",
    otherwise: "nothing",
    example: "Years since the roof was last replaced",
  },
  example: {
    means: "The value that examples on the campaign's page show.",
    otherwise: "one that fits is made up",
    example: 12,
  },
  aliases: {
    means:
      "Other names under which the field is sent: keys exactly as they come, or paths such as data.email[0].",
    default: [],
    example: ["roofAge", "age_of_roof"],
  },
  map: {
    means: "What is sent, in any case, and what is understood by it.",
    otherwise: "values are understood as they are sent",
    example: { own: true, rent: false },
  },
  min: {
    means: "The lowest value, of a number, integer, date or datetime.",
    otherwise: "no bound",
    example: 0,
  },
  max: {
    means: "The highest value, of a number, integer, date or datetime.",
    otherwise: "no bound",
    example: 120,
  },
  min_length: { means: "The fewest characters of a text.", otherwise: "no bound", example: 6 },
  max_length: { means: "The most characters of a text.", otherwise: "no bound", example: 12 },
  pattern: {
    means: "An RE2 pattern that a text holds: anywhere in it, unless it is anchored by ^ and $.",
    otherwise: "any text",
    example: "^[A-Z]{2}",
  },
  values: {
    means: "What an enum can be. Values are understood in any case, and kept as they stand here.",
    otherwise: "none; an enum must have them",
    example: ["auto", "truck"],
  },
  strict: {
    means:
      "Of a phone: whether the number must be of a range that is assigned, and not only of a possible length.",
    default: false,
    example: true,
  },
};
