import { STANDARD_SCHEDULE } from "#endpoints/delivery-settings.ts";
import type { CompleteMeta } from "./conversion-definition.ts";
import { outcomeEvent, outcomeIn } from "./conversion-event.ts";
import type { EventSource } from "./graph-event.ts";

/** How old an event may be when Meta is told of it, in seconds. */
export const OLDEST_EVENT_SECONDS = 604_800;

/** How events are sent to a dataset, many in one request. */
export interface DatasetSettings {
  readonly method: "meta";
  readonly datasetId: string;
  readonly testEventCode: string | null;
  readonly timeoutSeconds: number;
  readonly retrySchedule: readonly number[];
  readonly giveUpAfterSeconds: number;
  /** One request at a time, so that what happens meanwhile goes out together. */
  readonly maxInFlight: number;
}

/** What a campaign's leads are told to Meta by. */
export interface Conversion extends EventSource {
  readonly id: string;
  /** By the word for what happened (`accepted`, `outcome:sold`), the name that Meta is told. */
  readonly events: ReadonlyMap<string, string>;
}

export function compileDataset({ dataset_id, test_event_code }: CompleteMeta): DatasetSettings {
  return {
    method: "meta",
    datasetId: dataset_id,
    testEventCode: test_event_code,
    timeoutSeconds: 15,
    retrySchedule: STANDARD_SCHEDULE,
    giveUpAfterSeconds: OLDEST_EVENT_SECONDS,
    maxInFlight: 1,
  };
}

export function compileConversion(
  conversion: { readonly id: string } & Pick<CompleteMeta, "events" | "action_source" | "map">,
): Conversion {
  const { id, events, action_source, map } = conversion;
  const named = Object.entries(events).map(([event, name]) => {
    const outcome = outcomeIn(event);
    return [outcome === undefined ? event : outcomeEvent(outcome), name] as const;
  });
  return { id, events: new Map(named), actionSource: action_source, map };
}
