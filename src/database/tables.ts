import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  date,
  doublePrecision,
  index,
  integer,
  json,
  jsonb,
  numeric,
  pgSchema,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

/**
 * Every hot table carries `campaign_id` in its primary key, so that the same schema can be spread by campaign.
 * Look-ups by key come first in those keys: a plan made while the table was empty still finds its index.
 * Hot tables have no foreign keys: a check per row cost more than the row, and the lane writes all of
 * them in one transaction under the campaign's lock.
 */

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });
const money = (name: string) => numeric(name, { precision: 18, scale: 4 });

/** One row for each configuration that was ever in force; the newest is the one in force. */
export const configurations = pgTable("configurations", {
  revision: integer("revision").primaryKey(),
  /** The document as JSON text, kept as it was normalised, so that it can be given back to the byte. */
  document: text("document").notNull(),
  appliedAt: instant("applied_at").notNull(),
  appliedBy: text("applied_by").notNull(),
});

/** Whatever operators changed, a row for each change: of the configuration, or of keys, secrets, money and suppression lists beside it. */
export const history = pgTable(
  "history",
  {
    id: uuid("id").primaryKey(),
    /** What campaigns that the change concerns count it as; null when no lead is decided otherwise by it. */
    revision: integer("revision"),
    at: instant("at").notNull(),
    by: text("by").notNull(),
    via: text("via").notNull(),
    /** Of a rollback, the revision whose document it brought back. */
    restored: integer("restored"),
    /** What was changed, `buyer:<id>` and the like. */
    about: text("about").array().notNull(),
    /** Setting by setting, as JSON; secrets are in none of it. */
    changes: text("changes").notNull(),
  },
  (table) => [
    index("history_revision").on(table.revision),
    check("history_via", sql`${table.via} in ('document', 'resource', 'rollback', 'operation')`),
  ],
);

/** What operators had written of parts that the document leaves out but that leads, entries or deliveries still refer to. */
export const archivedEntries = pgTable(
  "archived_entries",
  {
    kind: text("kind").notNull(),
    id: text("id").notNull(),
    /** As JSON text, to the byte. */
    entry: text("entry").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id] })],
);

/** The tables in which a release before secrets were sealed may have left some in clear; empty once they are sealed. */
export const unsealed = pgTable("unsealed", { part: text("part").primaryKey() });

/** A campaign and all that decides its leads, in one row: one read compiles it, one lock serialises it. */
export const campaigns = pgTable("campaigns", {
  id: text("id").primaryKey(),
  /** Rises whenever anything that decides this campaign's leads changes, its suppliers' keys included. */
  revision: integer("revision").notNull(),
  definition: jsonb("definition").notNull(),
  archivedAt: instant("archived_at"),
});

export const suppliers = pgTable("suppliers", {
  id: text("id").primaryKey(),
  definition: jsonb("definition").notNull(),
  archivedAt: instant("archived_at"),
});

export const buyers = pgTable("buyers", {
  id: text("id").primaryKey(),
  definition: jsonb("definition").notNull(),
  archivedAt: instant("archived_at"),
});

/** Operators' own endpoints for events. The definition is what deliveries to it are sent by. */
export const webhooks = pgTable("webhooks", {
  id: text("id").primaryKey(),
  definition: jsonb("definition").notNull(),
  archivedAt: instant("archived_at"),
});

/** What Meta is told of leads. The definition is what deliveries to it are sent by; its token is among the signing secrets. */
export const conversions = pgTable("conversions", {
  id: text("id").primaryKey(),
  definition: jsonb("definition").notNull(),
  archivedAt: instant("archived_at"),
});

/** What is reported by e-mail, and when it was due last; null: not since it was written. */
export const scheduledReports = pgTable("scheduled_reports", {
  id: text("id").primaryKey(),
  definition: jsonb("definition").notNull(),
  archivedAt: instant("archived_at"),
  dueAt: instant("due_at"),
});

/** The keys of suppliers and buyers, each of one of them, and suppliers' posting URLs; only the hash of each is kept. */
export const partyKeys = pgTable(
  "party_keys",
  {
    id: text("id").primaryKey(),
    supplierId: text("supplier_id").references(() => suppliers.id),
    buyerId: text("buyer_id").references(() => buyers.id),
    /** Where it is shown: `header`, or `url`. Neither is good in the other's place. */
    shownIn: text("shown_in").notNull().default("header"),
    /** Of a posting URL: the campaign that all its leads are for. */
    campaignId: text("campaign_id"),
    sha256: bytes("sha256").notNull(),
    /** The readable beginning of the key, by which a person tells it from another. */
    prefix: text("prefix").notNull(),
    name: text("name"),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    /** To the minute. */
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    uniqueIndex("party_keys_sha256").on(table.sha256),
    index("party_keys_supplier").on(table.supplierId),
    index("party_keys_buyer").on(table.buyerId),
    check("party_keys_party", sql`(${table.supplierId} is null) <> (${table.buyerId} is null)`),
  ],
);

/** The keys of operators beside the one of the settings; only the hash of each is kept. */
export const operatorKeys = pgTable(
  "operator_keys",
  {
    id: text("id").primaryKey(),
    sha256: bytes("sha256").notNull(),
    /** The readable beginning of the key, by which a person tells it from another. */
    prefix: text("prefix").notNull(),
    /** Who or what uses it. */
    name: text("name").notNull(),
    role: text("role").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    /** To the minute. */
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    uniqueIndex("operator_keys_sha256").on(table.sha256),
    check("operator_keys_role", sql`${table.role} in ('read', 'operate', 'admin')`),
  ],
);

/** People who are operators, beside the keys. */
export const operatorPeople = pgTable(
  "operator_people",
  {
    id: text("id").primaryKey(),
    /** In lower case. */
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role").notNull(),
    createdAt: instant("created_at").notNull(),
    removedAt: instant("removed_at"),
    lastLoginAt: instant("last_login_at"),
  },
  (table) => [uniqueIndex("operator_people_email").on(table.email).where(sql`${table.removedAt} is null`)],
);

/** Links by which they log in, once each. Of a link only the hash is kept, and not even that when it was used. */
export const operatorLoginLinks = pgTable("operator_login_links", {
  sha256: bytes("sha256").primaryKey(),
  personId: text("person_id")
    .notNull()
    .references(() => operatorPeople.id),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

/** Passkeys of people: what is asked for after the link, where somebody has one. What is secret of them never leaves their devices. */
export const operatorPasskeys = pgTable(
  "operator_passkeys",
  {
    id: text("id").primaryKey(),
    personId: text("person_id")
      .notNull()
      .references(() => operatorPeople.id),
    /** What the device calls it, in base64url. */
    credentialId: text("credential_id").notNull(),
    /** As COSE writes it (RFC 9052, section 7). */
    publicKey: bytes("public_key").notNull(),
    /** How often it was used, as the device says; 0 from those that do not count. */
    counter: bigint("counter", { mode: "number" }).notNull(),
    /** How the device is reached, as it says, with commas between. */
    transports: text("transports").notNull(),
    name: text("name").notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    uniqueIndex("operator_passkeys_credential").on(table.credentialId),
    index("operator_passkeys_person").on(table.personId),
  ],
);

/** What a passkey is to sign: asked of a person once, and good for minutes. Of the challenge only the hash is kept. */
export const passkeyChallenges = pgTable(
  "passkey_challenges",
  {
    sha256: bytes("sha256").primaryKey(),
    personId: text("person_id")
      .notNull()
      .references(() => operatorPeople.id),
    /** `add`: a new passkey; `log_in`: one that there is, by somebody who came by a link. */
    purpose: text("purpose").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [check("passkey_challenges_purpose", sql`${table.purpose} in ('add', 'log_in')`)],
);

/** Operators who are logged in in a browser. Of the cookie only a hash is kept. */
export const operatorSessions = pgTable("operator_sessions", {
  sha256: bytes("sha256").primaryKey(),
  /** The key by which it was opened, and with which it ends; null: that of the settings, which the hash is made with then. */
  operatorKeyId: text("operator_key_id").references(() => operatorKeys.id),
  /** The person who opened it by a link, in place of a key. */
  personId: text("person_id").references(() => operatorPeople.id),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

/** Links by which suppliers and buyers come to their portal. Of each only the hash is kept. */
export const portalLinks = pgTable(
  "portal_links",
  {
    id: text("id").primaryKey(),
    supplierId: text("supplier_id").references(() => suppliers.id, { onDelete: "cascade" }),
    buyerId: text("buyer_id").references(() => buyers.id, { onDelete: "cascade" }),
    sha256: bytes("sha256").notNull(),
    /** Where it was sent, in lower case; null: an operator hands it over. */
    email: text("email"),
    /** Good for one login alone. */
    once: boolean("once").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    /** When it opened a session last. */
    usedAt: instant("used_at"),
  },
  (table) => [
    uniqueIndex("portal_links_sha256").on(table.sha256),
    index("portal_links_supplier").on(table.supplierId),
    index("portal_links_buyer").on(table.buyerId),
    check("portal_links_party", sql`(${table.supplierId} is null) <> (${table.buyerId} is null)`),
  ],
);

/** Suppliers and buyers who are logged in in a browser. Of the cookie only the hash is kept. */
export const portalSessions = pgTable("portal_sessions", {
  sha256: bytes("sha256").primaryKey(),
  /** The link by which it was opened, and with which it ends. */
  linkId: text("link_id")
    .notNull()
    .references(() => portalLinks.id, { onDelete: "cascade" }),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

export const suppressionLists = pgTable("suppression_lists", {
  id: text("id").primaryKey(),
  definition: jsonb("definition").notNull(),
  /** What kinds of entries it has ever held: leads need not be looked up by the others. */
  kinds: text("kinds").array().notNull().default([]),
  /** Rises when the list begins to be replaced: what is then put on it is of the new edition, and the older ones go at the end. */
  edition: integer("edition").notNull().default(0),
  archivedAt: instant("archived_at"),
});

/** Who must not be called. The key is a keyed hash: the table alone tells nobody's number. */
export const suppressionEntries = pgTable(
  "suppression_entries",
  {
    key: uuid("key").notNull(),
    listId: text("list_id").notNull(),
    addedAt: instant("added_at").notNull(),
    /** The list's edition when the entry was last put on it. */
    edition: integer("edition").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.key, table.listId] }),
    index("suppression_entries_list").on(table.listId),
  ],
);

export const leads = pgTable(
  "leads",
  {
    id: uuid("id").notNull(),
    campaignId: text("campaign_id").notNull(),
    supplierId: text("supplier_id").notNull(),
    status: text("status").notNull(),
    /** Why the lead ended as it did, when it was not simply accepted. */
    reason: text("reason"),
    isTest: boolean("is_test").notNull(),
    /** The earlier lead that this one repeats. */
    duplicateOf: uuid("duplicate_of"),
    currency: text("currency").notNull(),
    /** The revision of the campaign that decided it. */
    revision: integer("revision").notNull(),
    decidedAt: instant("decided_at").notNull(),
    /** When it was decided first; null while it was not decided once more. Reports count it there. */
    firstDecidedAt: instant("first_decided_at"),
    /** Of the request that it came with; null: its own id, which its request had for want of another. */
    requestId: text("request_id"),
    /** What was understood, by field name. */
    fields: jsonb("fields").notNull(),
    /** What was sent, where that differs from what was understood. */
    sent: json("sent"),
    /** Shortened, as `storedTrace` says. */
    trace: json("trace").notNull(),
    /** What others found about it who were asked when it came; null: nobody was. */
    checks: json("checks"),
    /** When all that told who the person is was taken out of it. */
    erasedAt: instant("erased_at"),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.campaignId] }),
    /** What reports go through, piece by piece. Leads come in its order, and a batch's all at once: 10 bytes a lead. */
    index("leads_decided").on(table.decidedAt),
    /** Of the few that were decided once more: reports count them when they were decided first. */
    index("leads_first_decided").on(table.firstDecidedAt).where(sql`${table.firstDecidedAt} is not null`),
    check(
      "leads_status",
      sql`${table.status} in ('ACCEPTED', 'UNMATCHED', 'DUPLICATE', 'REJECTED', 'PENDING', 'RETURNED', 'HELD')`,
    ),
    /** The few that are put aside, for whoever decides about them, and for their limit in time. */
    index("leads_put_aside").on(table.campaignId, table.decidedAt).where(sql`${table.status} = 'HELD'`),
    /** The few that are held for a buyer's answer, for whoever settles those whose server died. */
    index("leads_held").on(table.campaignId, table.id).where(sql`${table.status} = 'PENDING'`),
  ],
);

/**
 * A row for each buyer of a lead, and the ledger's event of that sale: once it is sold, only its status changes. What a
 * pending lead has reserved for the buyer that is asked is a sale too: caps and money are taken for it already, and what
 * counts them reads one table. It becomes sold, or is kept as declined.
 */
export const sales = pgTable(
  "sales",
  {
    id: uuid("id").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    buyerId: text("buyer_id").notNull(),
    /** From 1, in the order in which the lead's buyers were chosen. */
    place: smallint("place").notNull(),
    /**
     * `declined`: its buyer was asked and did not want it, and it was never sold. `refused`, `returned`: sold, and undone by
     * an event of the ledger.
     */
    status: text("status").notNull(),
    price: money("price").notNull(),
    payout: money("payout").notNull(),
    currency: text("currency").notNull(),
    /** When it was decided, reserved ones included. */
    soldAt: instant("sold_at").notNull(),
    supplierId: text("supplier_id").notNull(),
    /** Of a test lead, which is in no ledger. */
    isTest: boolean("is_test").notNull().default(false),
    /** The payout is for the lead: it stands while any sale of the lead does, though this one be undone. */
    paysForLead: boolean("pays_for_lead").notNull().default(false),
    /** Of a sale that was returned: its payout, or what it took of caps, was not given back. */
    keepsPayout: boolean("keeps_payout").notNull().default(false),
    keepsCap: boolean("keeps_cap").notNull().default(false),
  },
  (table) => [
    /**
     * Begins with the lead, by which sales are looked up, and grows at its end. An index by buyer cost each sale 100 of 340
     * bytes of the log and a third of its insert's time.
     */
    primaryKey({ columns: [table.leadId, table.campaignId, table.id] }),
    /** What the ledger is gone through by. The sales of a batch have one time: 10 bytes a sale. */
    index("sales_sold").on(table.soldAt),
    check("sales_status", sql`${table.status} in ('reserved', 'declined', 'sold', 'refused', 'returned')`),
  ],
);

/** The pings whose tokens have bought their lead, and the bids that were promised: a token buys one. */
/** Answers of those who are asked about leads, by the question: given again while they are good, and gone with their lead. */
export const checkAnswers = pgTable(
  "check_answers",
  {
    key: uuid("key").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    answer: json("answer").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.key, table.campaignId] }),
    index("check_answers_lead").on(table.leadId),
    index("check_answers_expires").on(table.expiresAt),
  ],
);

/** How often others were asked on a day (days since 1970, by the campaign's clock). */
export const checkUsage = pgTable(
  "check_usage",
  {
    campaignId: text("campaign_id").notNull(),
    checkId: text("check_id").notNull(),
    day: integer("day").notNull(),
    asked: integer("asked").notNull(),
  },
  (table) => [primaryKey({ columns: [table.campaignId, table.checkId, table.day] })],
);

export const redeemedPings = pgTable(
  "redeemed_pings",
  {
    id: uuid("id").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    /** The quoted bids as JSON, for a lead that is decided once more. */
    bids: json("bids").notNull(),
    redeemedAt: instant("redeemed_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.campaignId] }),
    index("redeemed_pings_lead").on(table.leadId),
    index("redeemed_pings_redeemed").on(table.redeemedAt),
  ],
);

/** What buyers gave back, or asked to: a row a sale. */
export const returns = pgTable(
  "returns",
  {
    id: uuid("id").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    saleId: uuid("sale_id").notNull(),
    buyerId: text("buyer_id").notNull(),
    reason: text("reason").notNull(),
    /** Free text of whoever asked; taken away when the lead is erased. */
    note: text("note"),
    status: text("status").notNull(),
    amount: money("amount").notNull(),
    currency: text("currency").notNull(),
    askedAt: instant("asked_at").notNull(),
    askedBy: text("asked_by").notNull(),
    /** When it is accepted if nobody decides it; null: never. */
    acceptAt: instant("accept_at"),
    decidedAt: instant("decided_at"),
    decidedBy: text("decided_by"),
    decisionNote: text("decision_note"),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.campaignId] }),
    uniqueIndex("returns_sale").on(table.saleId, table.campaignId),
    index("returns_lead").on(table.leadId),
    index("returns_buyer").on(table.buyerId, table.askedAt),
    index("returns_due")
      .on(table.acceptAt)
      .where(sql`${table.status} = 'pending' and ${table.acceptAt} is not null`),
    check("returns_status", sql`${table.status} in ('pending', 'accepted', 'rejected')`),
    check("returns_decided", sql`(${table.status} = 'pending') = (${table.decidedAt} is null)`),
  ],
);

/**
 * By what leads are compared with later ones, and a person's leads are found: keyed hashes. A lead that counts has a row for each keyed
 * field value of its campaign, and of several leads the newest counts. A phone or an e-mail by which a lead is not compared has a row under
 * a key that all campaigns share.
 */
export const leadKeys = pgTable(
  "lead_keys",
  {
    key: uuid("key").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    buyerId: text("buyer_id"),
    countedAt: instant("counted_at").notNull(),
  },
  (table) => [index("lead_keys_key").on(table.key, table.countedAt)],
);

/** The leads of a release that kept nothing to find their people by; empty once they are keyed. */
export const unkeyedLeads = pgTable(
  "unkeyed_leads",
  { leadId: uuid("lead_id").notNull(), campaignId: text("campaign_id").notNull() },
  (table) => [primaryKey({ columns: [table.leadId, table.campaignId] })],
);

/** The last lead that a buyer with a duplicate window of its own received for each keyed field value. */
export const buyerDuplicateKeys = pgTable(
  "buyer_duplicate_keys",
  {
    key: uuid("key").notNull(),
    buyerId: text("buyer_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    countedAt: instant("counted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.key, table.buyerId] })],
);

/** What a party has used of each clock period. `*_start` says which period the two figures beside it belong to. */
const usage = {
  hourStart: instant("hour_start").notNull(),
  hourLeads: integer("hour_leads").notNull(),
  hourAmount: money("hour_amount").notNull(),
  dayStart: instant("day_start").notNull(),
  dayLeads: integer("day_leads").notNull(),
  dayAmount: money("day_amount").notNull(),
  weekStart: instant("week_start").notNull(),
  weekLeads: integer("week_leads").notNull(),
  weekAmount: money("week_amount").notNull(),
  monthStart: instant("month_start").notNull(),
  monthLeads: integer("month_leads").notNull(),
  monthAmount: money("month_amount").notNull(),
  totalLeads: bigint("total_leads", { mode: "number" }).notNull(),
  totalAmount: money("total_amount").notNull(),
};

/** Usage and turn of the contracts and supplier links of one campaign; guarded by the campaign's lock. */
export const campaignCounters = pgTable(
  "campaign_counters",
  {
    campaignId: text("campaign_id").notNull(),
    party: text("party").notNull(),
    partyId: text("party_id").notNull(),
    ...usage,
    /** The campaign's count of turns when this contract was last served; 0 when it never was. */
    lastTurn: bigint("last_turn", { mode: "number" }).notNull(),
    /** Leads that this contract is owed by its weight, less those it got; weighted distribution keeps it within ±1. */
    owed: doublePrecision("owed").notNull(),
    /**
     * Of a supplier, what it earned here and what is reserved for it; of a buyer that is billed by hand, less than zero,
     * what it was sold here. What buyers pay from a wallet or on credit stands with them.
     */
    balance: money("balance").notNull().default("0"),
  },
  (table) => [
    primaryKey({ columns: [table.campaignId, table.party, table.partyId] }),
    check("campaign_counters_party", sql`${table.party} in ('contract', 'supplier')`),
  ],
);

/** Usage and money of a buyer over all its campaigns; locked after the campaign's row, in id order. */
export const buyerCounters = pgTable("buyer_counters", {
  buyerId: text("buyer_id").primaryKey(),
  ...usage,
  /** What it paid, less what it was sold and what is reserved for it while it has a wallet or credit. */
  balance: money("balance").notNull(),
});

/** What of each limit of a buyer is told apart: `day.leads`, `total.amount` and so on. */
const measured = {
  buyerId: text("buyer_id").notNull(),
  measure: text("measure").notNull(),
  /** Another each time that the limits are given out anew, so that nothing of before is taken for something of now. */
  edition: uuid("edition").notNull(),
};

/**
 * Where tables are spread over nodes: the limits of a buyer that count over all its campaigns, which are given out to these in parts.
 * Locked by whoever gives out some.
 */
export const buyerLimits = pgTable(
  "buyer_limits",
  { ...measured, units: bigint("units", { mode: "number" }).notNull() },
  (table) => [primaryKey({ columns: [table.buyerId, table.measure] })],
);

/** What a campaign has been given of it, as counts that only grow within a period. Units are leads, or ten-thousandths of money. */
const part = {
  ...measured,
  campaignId: text("campaign_id").notNull(),
  periodStart: instant("period_start").notNull(),
  granted: bigint("granted", { mode: "number" }).notNull(),
  givenBack: bigint("given_back", { mode: "number" }).notNull(),
};

/** As the buyer's node knows it: never less than the campaign's own row says. Guarded by the lock of the buyer's limits. */
export const buyerGrants = pgTable("buyer_grants", part, (table) => [
  primaryKey({ columns: [table.buyerId, table.campaignId, table.measure] }),
]);

/** As the campaign's node knows it, and its leads are decided by. Guarded by the campaign's lock. */
export const buyerShares = pgTable("buyer_shares", part, (table) => [
  primaryKey({ columns: [table.campaignId, table.buyerId, table.measure] }),
  index("buyer_shares_buyer").on(table.buyerId),
]);

/**
 * Every event of money but the sales, whose own rows are theirs. The amounts are what it adds to the balances of the buyer
 * and the supplier; the operator's part is less both, so that an event sums to zero. Rows are never changed nor deleted: a
 * trigger sees to it.
 */
export const ledger = pgTable(
  "ledger",
  {
    id: uuid("id").notNull(),
    /** Empty: of no campaign. */
    campaignId: text("campaign_id").notNull().default(""),
    at: instant("at").notNull(),
    kind: text("kind").notNull(),
    buyerId: text("buyer_id"),
    supplierId: text("supplier_id"),
    buyerAmount: money("buyer_amount").notNull().default("0"),
    supplierAmount: money("supplier_amount").notNull().default("0"),
    /** Null: of a party that is in no campaign yet, and so in whatever currency it will have. */
    currency: text("currency"),
    /** The sale that it undoes. */
    saleId: uuid("sale_id"),
    leadId: uuid("lead_id"),
    /** Of a cost: the day that it is of, and what for. */
    day: date("day", { mode: "string" }),
    source: text("source"),
    /** What the operator knows a payment by. */
    reference: text("reference"),
    note: text("note"),
    /** Who wrote it; null: a decision did. */
    by: text("by"),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.campaignId] }),
    index("ledger_at").on(table.at),
    /** No sale is undone twice. */
    uniqueIndex("ledger_sale").on(table.saleId, table.campaignId).where(sql`${table.saleId} is not null`),
    /** Few: what undoes a sale is found by its time. */
    index("ledger_buyer")
      .on(table.buyerId, table.at)
      .where(sql`${table.buyerId} is not null and ${table.saleId} is null`),
    index("ledger_supplier")
      .on(table.supplierId, table.at)
      .where(sql`${table.supplierId} is not null and ${table.saleId} is null`),
    check(
      "ledger_kind",
      sql`${table.kind} in ('refusal', 'return', 'payment', 'adjustment', 'cost', 'payout', 'invoice')`,
    ),
    check("ledger_undoes", sql`(${table.kind} in ('refusal', 'return')) = (${table.saleId} is not null)`),
    check("ledger_party", sql`${table.buyerId} is not null or ${table.supplierId} is not null`),
  ],
);

/** What a buyer was asked to pay for a month. Nothing of it is changed but when it was paid. */
export const invoices = pgTable(
  "invoices",
  {
    /** From 1, without a gap. */
    number: integer("number").primaryKey(),
    buyerId: text("buyer_id").notNull(),
    /** YYYY-MM, in the buyer's time zone of then: from the one moment to before the other. */
    month: text("month").notNull(),
    fromAt: instant("from_at").notNull(),
    toAt: instant("to_at").notNull(),
    currency: text("currency").notNull(),
    sales: integer("sales").notNull(),
    sold: money("sold").notNull(),
    /** Of refusals and returns. */
    refunded: integer("refunded").notNull(),
    refunds: money("refunds").notNull(),
    /** What adjustments added to the balance. */
    adjusted: money("adjusted").notNull(),
    total: money("total").notNull(),
    issuedAt: instant("issued_at").notNull(),
    dueAt: instant("due_at").notNull(),
    paidAt: instant("paid_at"),
    /** The event of the ledger by which it was paid; null of one over nothing. */
    paymentId: uuid("payment_id"),
  },
  (table) => [
    uniqueIndex("invoices_buyer").on(table.buyerId, table.month, table.currency),
    index("invoices_unpaid").on(table.buyerId, table.dueAt).where(sql`${table.paidAt} is null`),
  ],
);

/**
 * Leads and money by the hour, kept in the transactions of what they count, so that a report need not read the leads. A lead is counted in
 * the hour in which it was decided first, with its first buyer; money in the hour of its event. Test leads are in none.
 */
export const figures = pgTable(
  "figures",
  {
    /** When the hour began. */
    hour: instant("hour").notNull(),
    ...countedByParty(),
  },
  (table) => [
    primaryKey({
      columns: [table.hour, table.campaignId, table.supplierId, table.buyerId, table.currency],
    }),
  ],
);

/**
 * The figures of all suppliers and buyers together, kept beside them. A year of 20 campaigns has 175,000 of these and some millions of
 * the others: a report by day read those in 2 s, and these in a tenth of it.
 */
export const figureTotals = pgTable(
  "figure_totals",
  {
    hour: instant("hour").notNull(),
    ...countedByCampaign(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.campaignId, table.currency] })],
);

/**
 * The figures of days that are over, in UTC: made of the hours by a job, and from then on changed with them. Reports by the month and what
 * a statement opens with read one of these in the place of 24.
 */
export const figureDays = pgTable(
  "figure_days",
  {
    day: instant("day").notNull(),
    ...countedByParty(),
  },
  (table) => [
    primaryKey({
      columns: [table.day, table.campaignId, table.supplierId, table.buyerId, table.currency],
    }),
  ],
);

/** The totals of those days. */
export const figureDayTotals = pgTable(
  "figure_day_totals",
  {
    day: instant("day").notNull(),
    ...countedByCampaign(),
  },
  (table) => [primaryKey({ columns: [table.day, table.campaignId, table.currency] })],
);

function countedByParty() {
  return {
    campaignId: text("campaign_id").notNull(),
    supplierId: text("supplier_id").notNull(),
    /** Empty: of no buyer. */
    buyerId: text("buyer_id").notNull(),
    currency: text("currency").notNull(),
    ...counted(),
  };
}

function countedByCampaign() {
  return {
    campaignId: text("campaign_id").notNull(),
    currency: text("currency").notNull(),
    ...counted(),
  };
}

function counted() {
  return {
    /** Those that were returned afterwards too. */
    accepted: integer("accepted").notNull(),
    unmatched: integer("unmatched").notNull(),
    rejected: integer("rejected").notNull(),
    duplicates: integer("duplicates").notNull(),
    sales: integer("sales").notNull(),
    refused: integer("refused").notNull(),
    returned: integer("returned").notNull(),
    /** The prices of the sales. */
    sold: money("sold").notNull(),
    /** The prices of those refused and returned. */
    refunds: money("refunds").notNull(),
    /** The payouts of the sales, less those that were taken back. */
    payouts: money("payouts").notNull(),
  };
}

/** The first answer to each idempotency key of a supplier. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    key: uuid("key").notNull(),
    campaignId: text("campaign_id").notNull(),
    requestHash: uuid("request_hash").notNull(),
    httpStatus: smallint("http_status").notNull(),
    answer: text("answer").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.key, table.campaignId] }),
    index("idempotency_keys_created").on(table.createdAt),
  ],
);

/**
 * The outbox: what is to be sent, to whom, and how far that has come. A row is written in the transaction of the lead that it
 * is about, and its body is made there once: every attempt sends the same bytes.
 */
export const deliveries = pgTable(
  "deliveries",
  {
    id: uuid("id").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id"),
    /** `buyer:<id>`, `webhook:<id>` or `conversion:<id>`. */
    recipient: text("recipient").notNull(),
    event: text("event").notNull(),
    contentType: text("content_type").notNull(),
    body: text("body").notNull(),
    /** Of an e-mail. */
    subject: text("subject"),
    /** What else of a webhook was made of the lead: its method, URL and the headers with placeholders. Null: nothing. */
    request: jsonb("request"),
    /** The W3C `traceparent` of the request that it comes of, while traces were collected. */
    trace: text("trace"),
    state: text("state").notNull(),
    attempts: integer("attempts").notNull(),
    /** When it may be tried next. A worker that takes it on moves this to the end of its lease. */
    nextAt: instant("next_at").notNull(),
    /** The recipient's answer decides whether the lead is sold, so it is asked once and within a time. */
    asks: boolean("asks").notNull().default(false),
    /** An operator asked for the next attempt. */
    byHand: boolean("by_hand").notNull().default(false),
    /** The worker's hold on it: another one that finds the lease over takes a new one. */
    lease: uuid("lease"),
    giveUpAt: instant("give_up_at").notNull(),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
    /** What the buyer's answer meant, by its response rules. */
    verdict: text("verdict"),
    /** The price that the answer named. */
    answeredPrice: money("answered_price"),
    reference: text("reference"),
    reason: text("reason"),
    lastFailure: text("last_failure"),
    /** Its buyer has refused what it was sold, and nothing was done about that yet. */
    refusalDue: boolean("refusal_due").notNull().default(false),
    /** Its lead was erased while it had not ended: it is erased when it has. */
    eraseWhenEnded: boolean("erase_when_ended").notNull().default(false),
    /** When its body was emptied, because it told who the lead's person is. */
    erasedAt: instant("erased_at"),
    /** Its first attempt, when that was answered; null: it was not, or is beside it. */
    firstStartedAt: instant("first_started_at"),
    firstDurationMs: integer("first_duration_ms"),
    firstHttpStatus: integer("first_http_status"),
    firstExcerpt: text("first_excerpt"),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.campaignId] }),
    index("deliveries_to_erase")
      .on(table.campaignId, table.id)
      .where(sql`${table.eraseWhenEnded} and ${table.erasedAt} is null`),
    index("deliveries_due")
      .on(table.campaignId, table.recipient, table.nextAt)
      .where(sql`${table.state} = 'pending'`),
    index("deliveries_lead").on(table.leadId),
    index("deliveries_refused").on(table.campaignId, table.id).where(sql`${table.refusalDue}`),
    /** What an operator may send again, by whom it was meant for. */
    index("deliveries_stopped")
      .on(table.recipient, table.id)
      .where(sql`${table.state} in ('dead', 'paused')`),
    check("deliveries_state", sql`${table.state} in ('pending', 'paused', 'delivered', 'rejected', 'dead')`),
    check("deliveries_ended", sql`(${table.state} in ('pending', 'paused')) = (${table.endedAt} is null)`),
  ],
);

/** Each attempt at a delivery, but for the first ones that are kept in their deliveries. */
export const deliveryAttempts = pgTable(
  "delivery_attempts",
  {
    deliveryId: uuid("delivery_id").notNull(),
    campaignId: text("campaign_id").notNull(),
    number: integer("number").notNull(),
    /** `schedule`, or `hand` when an operator asked for it. */
    trigger: text("trigger").notNull(),
    startedAt: instant("started_at").notNull(),
    durationMs: integer("duration_ms").notNull(),
    httpStatus: integer("http_status"),
    failure: text("failure"),
    /** The beginning of what was answered. */
    excerpt: text("excerpt"),
  },
  (table) => [primaryKey({ columns: [table.deliveryId, table.campaignId, table.number] })],
);

/** What a supplier reported of a lead after it was sold. */
export const leadUpdates = pgTable(
  "lead_updates",
  {
    id: uuid("id").notNull(),
    campaignId: text("campaign_id").notNull(),
    leadId: uuid("lead_id").notNull(),
    supplierId: text("supplier_id").notNull(),
    outcome: text("outcome").notNull(),
    revenue: money("revenue"),
    salesRep: text("sales_rep"),
    speedToLeadSeconds: integer("speed_to_lead_seconds"),
    callDurationSeconds: integer("call_duration_seconds"),
    note: text("note"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.campaignId] }),
    index("lead_updates_lead").on(table.leadId),
  ],
);

/** How far leads were erased by their age: once for all campaigns that keep personal data for as many days. */
export const retention = pgTable("retention", {
  days: integer("days").primaryKey(),
  /** The campaigns whose leads were looked at. Another one among them, and it begins anew. */
  campaigns: text("campaigns").array().notNull(),
  /** The last lead, in the order of time, before which all are erased. */
  decidedAt: instant("decided_at").notNull(),
  leadId: uuid("lead_id").notNull(),
});

/** The orders to forget a person, each with what was found and erased so far. */
export const erasures = pgTable(
  "erasures",
  {
    id: uuid("id").primaryKey(),
    /** By what the person's leads are found; taken away when it is done. */
    phoneKey: uuid("phone_key"),
    emailKey: uuid("email_key"),
    campaignKeys: uuid("campaign_keys").array(),
    suppressOn: text("suppress_on"),
    state: text("state").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: instant("requested_at").notNull(),
    finishedAt: instant("finished_at"),
    leads: integer("leads").notNull().default(0),
    deliveries: integer("deliveries").notNull().default(0),
    cancelled: integer("cancelled").notNull().default(0),
    attempts: integer("attempts").notNull().default(0),
    updates: integer("updates").notNull().default(0),
    duplicateKeys: integer("duplicate_keys").notNull().default(0),
  },
  (table) => [
    index("erasures_running").on(table.id).where(sql`${table.state} = 'running'`),
    check("erasures_state", sql`${table.state} in ('running', 'done')`),
    check(
      "erasures_done",
      sql`(${table.state} = 'done') = (${table.finishedAt} is not null and ${table.phoneKey} is null and ${table.emailKey} is null
        and ${table.campaignKeys} is null)`,
    ),
  ],
);

/** The signing secrets of recipients and the tokens of conversions, encrypted under the master key; two are live while one is rotated. */
export const signingSecrets = pgTable(
  "signing_secrets",
  {
    recipient: text("recipient").notNull(),
    id: uuid("id").notNull(),
    sealed: text("sealed").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at"),
  },
  (table) => [primaryKey({ columns: [table.recipient, table.id] })],
);

/** What every server should know of a recipient's endpoint. */
export const endpoints = pgTable("endpoints", {
  recipient: text("recipient").primaryKey(),
  /** The breaker as JSON, as it was when it last opened, was probed or closed. */
  breaker: text("breaker").notNull(),
  /** It answered 410 Gone, or lets nobody in: nothing is sent until an operator resumes it. */
  pausedAt: instant("paused_at"),
});

/** What operators were told of beside leads: each under a key that is the same for every server that notices it. */
export const alerts = pgTable(
  "alerts",
  {
    key: text("key").primaryKey(),
    at: instant("at").notNull(),
  },
  (table) => [index("alerts_at").on(table.at)],
);

/** Documents that are tried on past leads, with how far that is and what came of it. */
export const simulations = pgTable(
  "simulations",
  {
    id: uuid("id").primaryKey(),
    state: text("state").notNull(),
    /** As JSON text, its secrets sealed. */
    document: text("document").notNull(),
    /** Leads decided from the one moment on and before the other. */
    since: instant("since").notNull(),
    until: instant("until").notNull(),
    /** Null: all. */
    campaigns: text("campaigns").array(),
    requestedAt: instant("requested_at").notNull(),
    requestedBy: text("requested_by").notNull(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    /** The hold of the server that is at it, and until when: behind that it is begun anew by any. */
    lease: uuid("lease"),
    leaseUntil: instant("lease_until"),
    /** Leads decided so far, of about so many. */
    leads: integer("leads").notNull().default(0),
    ofLeads: integer("of_leads"),
    /** As JSON text. */
    result: text("result"),
    /** Why it failed, in a sentence. */
    failure: text("failure"),
  },
  (table) => [
    /** One at a time. */
    uniqueIndex("simulations_running").on(table.state).where(sql`${table.state} = 'running'`),
    check("simulations_state", sql`${table.state} in ('waiting', 'running', 'done', 'stopped', 'failed')`),
    check("simulations_lease", sql`(${table.state} = 'running') = (${table.lease} is not null)`),
  ],
);

/** Leads that ended otherwise in a simulation, with how; the first of them alone. */
export const simulatedLeads = pgTable(
  "simulated_leads",
  {
    simulationId: uuid("simulation_id")
      .notNull()
      .references(() => simulations.id, { onDelete: "cascade" }),
    leadId: uuid("lead_id").notNull(),
    /** As JSON text. */
    compared: text("compared").notNull(),
  },
  (table) => [primaryKey({ columns: [table.simulationId, table.leadId] })],
);

/** What servers need of each other while they run. It is in no backup, and an installation does without what was in it. */
const running = pgSchema("running");

/** Each transaction that was committed, by an id that its server made before: who lost the answer to COMMIT finds it here. */
export const outcomes = running.table("outcomes", {
  id: uuid("id").primaryKey(),
  /** False: nobody knew, and it was settled that it is not to be. */
  isMade: boolean("is_made").notNull(),
  beganAt: instant("began_at").notNull().defaultNow(),
});

/** The servers that run, as each says of itself every few seconds. */
export const servers = running.table("servers", {
  id: uuid("id").primaryKey(),
  version: text("version").notNull(),
  host: text("host").notNull(),
  socket: text("socket").notNull(),
  address: text("address"),
  copy: integer("copy"),
  startedAt: instant("started_at").notNull(),
  seenAt: instant("seen_at").notNull(),
  queue: integer("queue").notNull(),
  leadsPerSecond: doublePrecision("leads_per_second").notNull(),
  /** Which node of Citus it is connected to; null: the database is no such. */
  node: integer("node"),
});

/** Which master key the servers of this database have: one row. */
export const masterKey = running.table(
  "master_key",
  {
    isOne: boolean("is_one").primaryKey().default(true),
    /** Tells one master key from another, and nothing of either. */
    fingerprint: text("fingerprint").notNull(),
  },
  (table) => [check("master_key_one", sql`${table.isOne}`)],
);

/** Which server takes the leads of a campaign, as long as others believe it. */
export const owners = running.table("owners", {
  campaignId: text("campaign_id").primaryKey(),
  serverId: uuid("server_id").notNull(),
  endsAt: instant("ends_at").notNull(),
});
