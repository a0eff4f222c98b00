import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from "node:crypto";
import type { Quote, QuotedBid } from "#leads/quote.ts";
import { amountOfTenThousandths } from "#money/amount.ts";

/**
 * A ping's promise as text, so that no server has to remember it: `v1.<kid>.<payload>.<mac>`. The MAC is HMAC-SHA256 over all before
 * it; the payload is encrypted (AES-256-CTR, encrypt-then-MAC), because it holds the buyers' prices, which no supplier may see.
 * `kid` says under which master key it was made.
 */
export interface Tokens {
  issue(quote: Quote): string;
  /** What the token promised, expired or not; undefined for any text that was not issued under this key. */
  read(token: string): Quote | undefined;
}

export interface TokenKeys {
  /** 32 bytes each. */
  signing: Uint8Array;
  contents: Uint8Array;
}

/**
 * Longer texts are refused unread. A token of 50 bids takes some 5,000 characters; one of 200 fields with the longest names, and 50 bids
 * with the longest references, 80,000.
 */
const LONGEST_TOKEN = 96 * 1024;
const VERSION = "v1";
const CIPHER = "aes-256-ctr";
const IV_BYTES = 16;

export function createTokens({ signing, contents }: TokenKeys): Tokens {
  const kid = new Bun.CryptoHasher("sha256").update(signing).digest("hex").slice(0, 8);
  const prefix = `${VERSION}.${kid}.`;
  const keyed = new Bun.CryptoHasher("sha256", signing);

  function mac(text: string): string {
    return keyed.copy().update(text).digest("base64url");
  }

  return {
    issue(quote) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, contents, iv);
      const sealed = Buffer.concat([
        iv,
        cipher.update(JSON.stringify(toPayload(quote)), "utf8"),
        cipher.final(),
      ]);
      const signed = prefix + sealed.toString("base64url");
      return `${signed}.${mac(signed)}`;
    },
    read(token) {
      if (token.length > LONGEST_TOKEN || !token.startsWith(prefix)) return undefined;
      const end = token.lastIndexOf(".");
      const signed = token.slice(0, end);
      if (!isSameText(token.slice(end + 1), mac(signed))) return undefined;
      const sealed = Buffer.from(signed.slice(prefix.length), "base64url");
      const decipher = createDecipheriv(CIPHER, contents, sealed.subarray(0, IV_BYTES));
      const text = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES)), decipher.final()]).toString(
        "utf8",
      );
      return quoteIn(JSON.parse(text) as Written);
    },
  };
}

/** The texts are compared and not their bytes: base64url has several spellings of the same bytes. */
function isSameText(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/** As short as JSON allows: money in ten-thousandths, a bid as a list. */
interface Written {
  i: string;
  c: string;
  s: string;
  /** Currency, and whether for a test. */
  t?: [string, boolean];
  e: number;
  p: Record<string, string>;
  b: [string, number, number, number, string | null][];
  n?: Quote["noBids"];
}

function toPayload({ id, campaignId, supplierId, terms, expiresAt, pinged, bids, noBids }: Quote): Written {
  return {
    i: id,
    c: campaignId,
    s: supplierId,
    ...(terms !== undefined && { t: [terms.currency, terms.isTest] as [string, boolean] }),
    e: expiresAt,
    p: pinged,
    b: bids.map((bid) => [bid.buyerId, bid.price, bid.payout, bid.furtherPayout, bid.reference]),
    ...(noBids !== undefined && { n: noBids }),
  };
}

/** Only what `issue` wrote is ever read here: the MAC was checked. */
function quoteIn({ i, c, s, t, e, p, b, n }: Written): Quote {
  const quote: Quote = { id: i, campaignId: c, supplierId: s, expiresAt: e, pinged: p, bids: b.map(bidOf) };
  return {
    ...quote,
    ...(t !== undefined && { terms: { currency: t[0], isTest: t[1] } }),
    ...(n !== undefined && { noBids: n }),
  };
}

function bidOf([buyerId, price, payout, furtherPayout, reference]: Written["b"][number]): QuotedBid {
  return {
    buyerId,
    price: amountOfTenThousandths(price),
    payout: amountOfTenThousandths(payout),
    furtherPayout: amountOfTenThousandths(furtherPayout),
    reference,
  };
}
