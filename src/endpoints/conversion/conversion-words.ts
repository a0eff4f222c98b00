import type { WordsFor } from "#text/setting-words.ts";
import type { MetaDefinition } from "./conversion-definition.ts";

/** What operators read about what Meta is told. */
export const META_WORDS: WordsFor<MetaDefinition> = {
  type: { means: "Who is told: meta, by its Conversions API.", example: "meta" },
  dataset_id: {
    means: "The dataset, once called pixel, that the events go to.",
    example: "1234567890123456",
  },
  events: {
    means:
      "What Meta is told of, and by which name: accepted, refused or returned, or outcome: and what suppliers report of a lead.",
    example: { accepted: "Lead", "outcome:sold": "Purchase" },
  },
  action_source: {
    means:
      "Where the events come from: system_generated for leads of Meta's own forms, website for those of a page.",
    default: "system_generated",
    example: "website",
  },
  test_event_code: {
    means: "The code under which events are shown among the test events of Meta's Events Manager.",
    otherwise: "they count",
    example: "TEST12345",
  },
  map: {
    means:
      "The fields that tell what Meta asks for beside name, phone, e-mail, state and ZIP code: parameter: field.",
    default: {},
    example: { lead_id: "meta_lead_id", fbc: "fbc", client_ip_address: "ip" },
  },
};
