import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { Failure } from "./failure.tsx";
import { loadPart } from "./load-part.ts";
import { NoSuchPage } from "./no-such-page.tsx";
import { Shell } from "./shell.tsx";

/** What an address says beside its path; each page reads what it knows of it. */
type Search = Readonly<Record<string, string | undefined>>;

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NoSuchPage,
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(
      Object.entries(search)
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => [name, String(value)]),
    ),
});

/** A page, whose part of the code is loaded when somebody goes there. */
const page = <Path extends string, Name extends string>(
  path: Path,
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(() => loadPart(load), name),
  });

const tree = root.addChildren([
  page("/", () => import("#web/pages/board/board-page.tsx"), "BoardPage"),
  page("/leads", () => import("#web/pages/leads/leads-page.tsx"), "LeadsPage"),
  page("/deliveries", () => import("#web/pages/deliveries/deliveries-page.tsx"), "DeliveriesPage"),
  page("/buyers", () => import("#web/pages/buyers/buyers-page.tsx"), "BuyersPage"),
  page("/suppliers", () => import("#web/pages/suppliers/suppliers-page.tsx"), "SuppliersPage"),
  page("/returns", () => import("#web/pages/returns/returns-page.tsx"), "ReturnsPage"),
  page("/campaigns", () => import("#web/pages/campaigns/campaigns-page.tsx"), "CampaignsPage"),
  page("/profit", () => import("#web/pages/profit/profit-page.tsx"), "ProfitPage"),
  page("/accounts", () => import("#web/pages/accounts/accounts-page.tsx"), "AccountsPage"),
  page("/statement", () => import("#web/pages/accounts/statement-page.tsx"), "StatementPage"),
  page("/invoices", () => import("#web/pages/accounts/invoices-page.tsx"), "InvoicesPage"),
  page("/invoice", () => import("#web/pages/accounts/invoice-page.tsx"), "InvoicePage"),
  page(
    "/configuration",
    () => import("#web/pages/configuration/configuration-page.tsx"),
    "ConfigurationPage",
  ),
  page("/suppression", () => import("#web/pages/suppression/suppression-page.tsx"), "SuppressionPage"),
  page("/history", () => import("#web/pages/history/history-page.tsx"), "HistoryPage"),
  page("/simulations", () => import("#web/pages/simulations/simulations-page.tsx"), "SimulationsPage"),
  page("/alerts", () => import("#web/pages/alerts/alerts-page.tsx"), "AlertsPage"),
  page("/server", () => import("#web/pages/server/server-page.tsx"), "ServerPage"),
  page("/people", () => import("#web/pages/people/people-page.tsx"), "PeoplePage"),
  page("/keys", () => import("#web/pages/keys/keys-page.tsx"), "KeysPage"),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: "/console",
  defaultPreload: "intent",
  defaultErrorComponent: Failure,
  // Texts as they are: ids and phones that look like numbers are none.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const said = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    return said.length === 0
      ? ""
      : `?${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
