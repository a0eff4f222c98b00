import { asks, JSON_OPTION, table } from "#cli/command/asking.ts";
import { command } from "#cli/command/command.ts";
import type { Column } from "#cli/command/table.ts";

/** Who is sent something. */
export const TO: Column = {
  title: "TO",
  of: ({ buyer_id: buyer, webhook_id: webhook, conversion_id: conversion }) => {
    if (typeof webhook === "string") return `webhook ${webhook}`;
    return typeof conversion === "string" ? `conversion ${conversion}` : buyer;
  },
};

/** How all stand who are sent something. */
export const endpoints = command({
  name: "endpoints",
  purpose: "say which endpoints are up, down or paused, since when and why",
  example: "leadgate endpoints",
  options: JSON_OPTION,
  forms: {
    "": asks(
      "GET /endpoints",
      "",
      table(
        TO,
        "endpoint.state",
        "endpoint.since",
        "endpoint.reason",
        "endpoint.next_try_at",
        "endpoint.waiting",
        "endpoint.oldest_due_seconds",
      ),
    ),
  },
});
