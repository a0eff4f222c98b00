import type { Campaign } from "#campaigns/campaign.ts";
import type { FieldError, FieldValues } from "#fields/mapping.ts";
import { type Candidate, checkedValues } from "#leads/candidate.ts";
import type { DuplicateKey } from "#people/duplicate-key.ts";
import type { SuppressionKey } from "#people/suppression-key.ts";
import type { Extent } from "#rules/filter.ts";
import { CHECK_PREFIX } from "#text/checked-name.ts";

/** A lead, and what its campaign made of its body. */
export interface ParsedLead<Lead extends Candidate = Candidate> {
  lead: Lead;
  reading: Reading;
}

/** What one revision of a campaign made of a lead's body. */
export interface Reading {
  campaign: Campaign;
  /** Its supplier was in test mode when it came. */
  isTest: boolean;
  /** Whether the lead is all there, or only what was pinged of it. */
  extent: Extent;
  errors: readonly FieldError[];
  values: FieldValues;
  /** The values, and what checks found: by what buyers' filters and prices go. */
  known: FieldValues;
  /** The values, and the unmapped objects and lists that the campaign keeps. */
  kept: Readonly<Record<string, unknown>>;
  sent: Readonly<Record<string, unknown>>;
  /** What is kept, and what was sent, as JSON for the record: made before the lead waits in the lane, not under its lock. */
  json: { fields: string; sent: string | null };
  duplicateKeys: readonly DuplicateKey[];
  /** What else it is remembered under: pings that send a phone or an e-mail hashed are compared with it. */
  hashedKeys: readonly DuplicateKey[];
  /** By buyer, for the buyers with a duplicate window of their own. */
  buyerDuplicateKeys: ReadonlyMap<string, readonly DuplicateKey[]>;
  suppressionKeys: readonly SuppressionKey[];
}

/** Reads a lead's body by the campaign's field mapping. `isForRecord`: what goes on record of it is made too. */
export function parseLead(lead: Candidate, campaign: Campaign, isForRecord = true): Reading {
  const isPing = lead.kind === "pinged";
  const isTest =
    lead.kind === "reopened"
      ? lead.prior.isTest
      : (campaign.suppliers.get(lead.supplierId)?.supplier.testMode ?? false);
  const extent = isPing ? "partial" : "whole";
  const read = campaign.mapping.read(lead.body, isPing ? "ping" : "post");
  if (!read.ok) return { ...NOTHING_READ, campaign, isTest, extent, errors: read.errors };
  const kept = isEmpty(read.extra) ? read.values : { ...read.values, ...read.extra };
  return {
    campaign,
    isTest,
    extent,
    errors: [],
    values: read.values,
    known: knownValues(read.values, lead, campaign),
    kept,
    sent: read.sent,
    duplicateKeys: campaign.duplicateKeys(read.values),
    buyerDuplicateKeys: buyerDuplicateKeysOf(read.values, campaign),
    suppressionKeys: campaign.suppressionKeys(read.values),
    ...(isPing || !isForRecord ? NOT_FOR_RECORD : forRecord(kept, read, campaign)),
  };
}

/** The same reading of a lead about which others were asked meanwhile. */
export function withFindings(reading: Reading, lead: Candidate): Reading {
  return { ...reading, known: knownValues(reading.values, lead, reading.campaign) };
}

/** A supplier may send a field of any name, and is not to speak for a check. */
function knownValues(values: FieldValues, { checks }: Candidate, campaign: Campaign): FieldValues {
  if (campaign.checks.length === 0) return values;
  const own = Object.entries(values).filter(([name]) => !name.startsWith(CHECK_PREFIX));
  return { ...Object.fromEntries(own), ...checkedValues(checks) };
}

function buyerDuplicateKeysOf(values: FieldValues, campaign: Campaign): Reading["buyerDuplicateKeys"] {
  const { contracts } = campaign;
  if (contracts.every(({ buyer }) => buyer.duplicates === null)) return NO_KEYS;
  return new Map(
    contracts
      .filter(({ buyer }) => buyer.duplicates !== null)
      .map((contract) => [contract.buyerId, campaign.buyerDuplicateKeys(contract, values)]),
  );
}

const NO_KEYS: Reading["buyerDuplicateKeys"] = new Map();

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

/** What only the record needs: a ping leaves none. */
function forRecord(
  kept: Readonly<Record<string, unknown>>,
  { values, sent }: { values: FieldValues; sent: Readonly<Record<string, unknown>> },
  campaign: Campaign,
): Pick<Reading, "json" | "hashedKeys"> {
  return {
    json: {
      fields: JSON.stringify(kept),
      sent: isEmpty(sent) ? null : JSON.stringify(sent),
    },
    hashedKeys: campaign.hashedKeys(values),
  };
}

const NOT_FOR_RECORD = {
  json: { fields: "{}", sent: null },
  hashedKeys: [],
};

const NOTHING_READ = {
  values: {},
  known: {},
  kept: {},
  sent: {},
  duplicateKeys: [],
  buyerDuplicateKeys: NO_KEYS,
  suppressionKeys: [],
  ...NOT_FOR_RECORD,
};
