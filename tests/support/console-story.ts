import type { Page } from "playwright-core";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Hand } from "./hands.ts";

const CAMPAIGN = "roofing";
const BUYER = "north-roofs";
/** Who sends the leads of the story. */
export const STORY_SUPPLIER = "roof-seekers";
/** How many the only buyer takes before it is passed over. */
const CAP = 5;

/** A document with what the story is about: a campaign whose only buyer has taken all that it takes after a few leads. */
export function withStory(document: ConfigurationDocument): ConfigurationDocument {
  const { suppliers = [], buyers = [], campaigns = [] } = document;
  const ingest = { per_second: 10_000, burst_per_second: 10_000, burst_seconds: 1 };
  return {
    ...document,
    suppliers: [...suppliers, { id: STORY_SUPPLIER, name: "Roof Seekers", rate_limits: { ingest } }],
    buyers: [...buyers, { id: BUYER, name: "North Roofs", timezone: "America/Chicago" }],
    campaigns: [
      ...campaigns,
      {
        id: CAMPAIGN,
        name: "Roofing",
        suppliers: [{ supplier: STORY_SUPPLIER, payout: { mode: "fixed", amount: "10.00" } }],
        buyers: [
          {
            buyer: BUYER,
            price: "25.00",
            caps: { total: { leads: CAP } },
            returns: { allowed: true, max_percent: 100 },
          },
        ],
      },
    ],
  };
}

/** A lead of a person of this number, up to a million. */
export function storyLead(person: number) {
  const digits = String(person).padStart(6, "0");
  return {
    flo_campaign_id: CAMPAIGN,
    flo_supplier_id: STORY_SUPPLIER,
    first_name: "Jordan",
    last_name: "Rivera",
    phone: `(512) 2${digits.slice(0, 2)}-${digits.slice(2)}`,
    email: `jordan.${digits}@example.com`,
  };
}

/** Leads that were sent, and by what phone the last of them, which found no buyer, is found. */
export interface SentLeads {
  count: number;
  phone: string;
}

/**
 * A morning of an operator: sees leads come, looks why one found no buyer, mends the cap that was in the way, sends the lead round again,
 * takes it back for the buyer, and finds both on its statement. Begins at the login.
 */
export async function liveThrough(
  page: Page,
  hand: Hand,
  { key, cap, send }: { key: string; cap: number; send(): Promise<SentLeads> },
): Promise<void> {
  await hand.submit(page.getByRole("textbox", { name: "Operator key" }), key);
  await isAt(page, "Board");
  const sent = await seeThemCome(page, hand, send);
  await find(page, hand, sent.phone);
  await mendTheCap(page, hand, cap);
  await hand.goTo("Leads", "l");
  await find(page, hand, sent.phone);
  await sellAndTakeBack(page, hand);
  await hand.closeDrawer();
  await accept(page, hand);
  await readStatement(page, hand);
}

function isAt(page: Page, heading: string): Promise<void> {
  return page.getByRole("heading", { name: heading, level: 1 }).waitFor();
}

/** Each of them on the board, which counts those that it was told, and each in the list. */
async function seeThemCome(page: Page, hand: Hand, send: () => Promise<SentLeads>): Promise<SentLeads> {
  await hand.pick(page.getByRole("combobox", { name: "Campaign" }), CAMPAIGN);
  await page.getByText("live", { exact: true }).waitFor();
  const sent = await send();
  await page.getByText(new RegExp(`^${sent.count.toLocaleString("en-US")} since`)).waitFor();
  await hand.goTo("Leads", "l");
  await isAt(page, "Leads");
  return sent;
}

async function find(page: Page, hand: Hand, phone: string): Promise<void> {
  await hand.submit(page.getByRole("textbox", { name: "Find by id, phone or e-mail" }), phone);
  // Its head and one lead: what was there before is shown until then.
  await page.locator('[role="table"][aria-rowcount="2"]').waitFor();
  await hand.use(page.getByRole("row").nth(1));
  await page.getByRole("dialog", { name: "Lead" }).getByText("How it was decided").waitFor();
}

/** Why was the buyer passed over? Its contract is where that is changed. */
async function mendTheCap(page: Page, hand: Hand, cap: number): Promise<void> {
  const lead = page.getByRole("dialog", { name: "Lead" });
  await hand.pick(lead.getByRole("combobox", { name: "Why not this buyer?" }), BUYER);
  await lead.getByText("was passed over: its total cap of leads was reached in this campaign.").waitFor();
  await hand.use(lead.getByRole("link", { name: "Change its contract" }));
  const contract = page.getByRole("group").filter({ hasText: BUYER }).last();
  await hand.write(contract.getByRole("textbox", { name: "In all, leads" }), String(cap));
  await hand.use(page.getByRole("button", { name: "Plan", exact: true }));
  await page.getByText(`buyers[${BUYER}].caps.total.leads`).waitFor();
  await hand.use(page.getByRole("button", { name: "Put in force" }));
  await page.getByText(/^Revision \d+ is in force\.$/).waitFor();
}

async function sellAndTakeBack(page: Page, hand: Hand): Promise<void> {
  const lead = page.getByRole("dialog", { name: "Lead" });
  const actions = lead.getByRole("button", { name: "Actions" });
  await hand.pickOf(actions, "Send round again…");
  const again = page.getByRole("dialog", { name: "Send this lead round again" });
  await hand.use(again.getByRole("button", { name: "Send round again" }));
  await page.getByText(`Sent round again. Accepted: ${BUYER}`).waitFor();
  await again.waitFor({ state: "hidden" });
  await hand.pickOf(actions, "Ask for a return…");
  const asked = page.getByRole("dialog", { name: "Ask for a return" });
  await hand.use(asked.getByRole("button", { name: "Ask", exact: true }));
  await page.getByText("The return is pending.").waitFor();
  await asked.waitFor({ state: "hidden" });
}

async function accept(page: Page, hand: Hand): Promise<void> {
  await hand.goTo("Returns", "r");
  await hand.use(page.getByRole("button", { name: "Accept…" }));
  const dialog = page.getByRole("dialog", { name: "Accept this return" });
  await hand.use(dialog.getByRole("button", { name: "Accept", exact: true }));
  await page.getByText("Accepted: the sale is undone.").waitFor();
  await dialog.waitFor({ state: "hidden" });
}

async function readStatement(page: Page, hand: Hand): Promise<void> {
  await hand.goTo("Buyers", "u");
  await hand.use(page.getByRole("button", { name: "North Roofs" }));
  await hand.use(page.getByRole("dialog", { name: "Buyer" }).getByRole("link", { name: "Its account" }));
  await hand.use(page.getByRole("link", { name: "Statement" }));
  await isAt(page, "Statement of North Roofs");
  await page.getByRole("cell", { name: /^return/ }).waitFor();
}
