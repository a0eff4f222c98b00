/** Tests that are not run on nodes of Citus, by their titles or how these begin, and why. */
export const LEFT_OUT: readonly { why: string; titles: readonly string[] }[] = [
  {
    why: "a wallet, credit or a duplicate window of a buyer's own are refused there, as they count over campaigns of all nodes",
    titles: [
      "a campaign keeps its currency from its first sale on, and a wallet the one that its books are in",
      "a buyer is passed over for a person that it received before in any campaign, within its own window",
      "a buyer on credit may owe up to the limit",
      "a buyer that is billed by hand owes what it was sold, and less when it pays by wallet later",
      "a buyer that refuses what it was sold is not billed, and the next one has it, as trace, look-up and operators see",
      "a buyer that was billed by hand owes what it was sold when it gets credit",
      "a duplicate that goes to its original buyer is none to that buyer's own window",
      "a lead that is sent round again costs its buyer nothing, also when that contract has ended",
      "a lead that its last buyer gives back is returned, once, and its person still counts as known",
      "a lead that nobody else can take is unmatched for being refused, costs nobody anything, and its person may come again",
      "a lead whose buyer could not be reached goes to another, and costs the first one nothing",
      "a refusal whose settling failed or whose server died is settled once by the next that looks",
      "a sale that an operator takes back is a return of that operator in the ledger",
      "a shared lead takes from each buyer's wallet what that buyer pays",
      "a test lead and a live one of the same person are no duplicates of one another, each of its own kind is",
      "a wallet is never overdrawn by many leads at once",
      "an event of the ledger cannot be changed or deleted",
      "is either returned or kept when it is accepted and rejected at once, and the history says which",
      "is given back by the buyer's own key, and no other buyer's lead is",
      "is refused with the term that is against it, and with what is wrong in what was asked",
      "is returned by itself after the hours that were agreed, when nobody decides",
      "is returned once, however often and by however many that is accepted",
      "is returned when that is accepted: the buyer is credited and the lead has no sale left",
      "leads that are decided together end as they would have one after another, whatever the campaign and whoever they are",
      "leaves the supplier its payout and gives the caps back, where the campaign says so",
      "many leads that buyers refuse, redistribute and resell at once on two servers leave every sum right",
      "money in a buyer's wallet lasts to the last cent, over all of its campaigns",
      "operators hear of caps that are reached and of balances that are low and empty, as the leads bring it about",
      "stays sold when that is rejected, and is not to be asked for again",
      "the check of everything on record",
      "what a wallet paid is given back when the buyer that is asked refuses",
      "with many leads at once, a buyer with a window of its own gets each person once, by whichever campaign",
    ],
  },
  {
    why: "it looks at counters of buyers' own, which are kept there with their campaigns",
    titles: [
      "a buyer that is asked first and says no is followed by the next, and keeps nothing of its caps and money",
      "a buyer that is asked first is asked about two hundred leads at once, and each is settled by its own answer",
      "a held lead whose server stands still is asked about again by another under the same id, and ends as its buyer says",
      "a held lead whose server stands still lapses when its buyer cannot be asked again",
      "a lead that its buyer refuses and its campaign would not take any more is unmatched, not turned away",
      "several buyers that are asked first are asked in turn until one takes the lead, or none does",
      "several buyers that are asked first are followed by the next for each that refuses, and the fixed payout passes on",
    ],
  },
  {
    why: "days are not summed up there",
    titles: [
      "operators hear of a supplier that is silent, of an invoice that is overdue and of an import, once each",
      "the profit and loss report by the hourly figures says what the leads and sales themselves say, also after leads went to others",
    ],
  },
  {
    why: "it has Postgres explain a statement that Citus sends in parts",
    titles: [
      "a dead buyer with 20,000 waiting deliveries costs the outbox a look at an index, whatever was planned",
    ],
  },
];

/** What `bun test` is to run of all tests there: those whose names do not have such a title. */
export function allButLeftOut(): string {
  const titles = LEFT_OUT.flatMap((each) => each.titles).map(RegExp.escape);
  return `^(?!.*\\(citus\\).*(?:${titles.join("|")}))`;
}
