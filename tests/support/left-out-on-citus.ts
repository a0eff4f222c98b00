/** Tests that are not run on nodes of Citus, by their titles or how these begin, and why. */
export const LEFT_OUT: readonly { why: string; titles: readonly string[] }[] = [
  {
    why: "a duplicate window of a buyer's own is refused there, as it looks at the leads of all its campaigns",
    titles: [
      "a buyer is passed over for a person that it received before in any campaign, within its own window",
      "a duplicate that goes to its original buyer is none to that buyer's own window",
      "a test lead and a live one of the same person are no duplicates of one another, each of its own kind is",
      "leads that are decided together end as they would have one after another, whatever the campaign and whoever they are",
      "the check of everything on record finds when a lead that nobody took was given to a buyer",
      "with many leads at once, a buyer with a window of its own gets each person once, by whichever campaign",
      "a person who is forgotten is compared with nobody by the place that a longer ZIP code stood for",
    ],
  },
  {
    why: "what buyers have used and spent stands with their contracts there, and these make it wrong where it stands on one Postgres",
    titles: [
      "the check of everything on record finds when a wallet is charged with its campaign",
      "the check of everything on record finds when an amount is counted wrong by the smallest unit",
    ],
  },
  {
    why: "that nothing is left of a buyer's limit is known there with the first lead that finds nothing",
    titles: [
      "operators hear of caps that are reached and of balances that are low and empty, as the leads bring it about",
    ],
  },
  {
    why: "it puts a trigger on a table that is spread, which Citus refuses",
    titles: ["a refusal whose settling failed or whose server died is settled once by the next that looks"],
  },
  {
    why: "it locks campaigns of several nodes in one statement, which Citus refuses",
    titles: [
      "many campaigns that somebody else holds hold up no other one, and their leads are taken in once they are free",
    ],
  },
  {
    why: "days are not summed up there",
    titles: [
      "operators hear of a supplier that is silent, of an invoice that is overdue and of an import, once each",
      "the profit and loss report by the hourly figures says what the leads and sales themselves say, also after leads went to others",
      "a day is summed up by itself although a lead came for one before it while its turn was found",
    ],
  },
  {
    why: "it has Postgres explain a statement that Citus sends in parts",
    titles: [
      "a dead buyer with 20,000 waiting deliveries costs the outbox a look at an index, whatever was planned",
    ],
  },
  {
    why: "what a buyer paid in is given out there in parts, each of which is an amount",
    titles: ["a buyer that has paid in more than an amount can be is sold leads, and keeps what it paid"],
  },
  {
    why: "it changes a return past the shards that the lane's transaction is on",
    titles: ["a sale stands where its return is found decided as it is written"],
  },
  {
    why: "who waits for a lock is seen there on the node alone that has the lead",
    titles: [
      "a person who is just being forgotten is in no note of a return that is asked for or rejected meanwhile",
      "stays sold, and paid for, when its return is accepted while that is just being rejected",
    ],
  },
];

/** What `bun test` is to run of all tests there: those whose names do not have such a title. */
export function allButLeftOut(): string {
  const titles = LEFT_OUT.flatMap((each) => each.titles).map(RegExp.escape);
  return `^(?!.*\\(citus\\).*(?:${titles.join("|")}))`;
}
