import { type ComponentType, lazy } from "react";
import { BASE, type PagePath, pathBelow } from "#web/address/visits.ts";
import { loadPart } from "./load-part.ts";

interface Page {
  Shown: ComponentType;
  load(): Promise<unknown>;
}

/** A page, whose part of the code is loaded when somebody goes there. */
function page<Name extends string>(
  load: () => Promise<Readonly<Record<Name, ComponentType>>>,
  name: Name,
): Page {
  return { Shown: lazy<ComponentType>(async () => ({ default: (await loadPart(load))[name] })), load };
}

const PAGES: Readonly<Record<PagePath, Page>> = {
  "/": page(() => import("#web/pages/board/board-page.tsx"), "BoardPage"),
  "/leads": page(() => import("#web/pages/leads/leads-page.tsx"), "LeadsPage"),
  "/deliveries": page(() => import("#web/pages/deliveries/deliveries-page.tsx"), "DeliveriesPage"),
  "/buyers": page(() => import("#web/pages/buyers/buyers-page.tsx"), "BuyersPage"),
  "/suppliers": page(() => import("#web/pages/suppliers/suppliers-page.tsx"), "SuppliersPage"),
  "/returns": page(() => import("#web/pages/returns/returns-page.tsx"), "ReturnsPage"),
  "/campaigns": page(() => import("#web/pages/campaigns/campaigns-page.tsx"), "CampaignsPage"),
  "/profit": page(() => import("#web/pages/profit/profit-page.tsx"), "ProfitPage"),
  "/accounts": page(() => import("#web/pages/accounts/accounts-page.tsx"), "AccountsPage"),
  "/statement": page(() => import("#web/pages/accounts/statement-page.tsx"), "StatementPage"),
  "/invoices": page(() => import("#web/pages/accounts/invoices-page.tsx"), "InvoicesPage"),
  "/invoice": page(() => import("#web/pages/accounts/invoice-page.tsx"), "InvoicePage"),
  "/configuration": page(
    () => import("#web/pages/configuration/configuration-page.tsx"),
    "ConfigurationPage",
  ),
  "/suppression": page(() => import("#web/pages/suppression/suppression-page.tsx"), "SuppressionPage"),
  "/history": page(() => import("#web/pages/history/history-page.tsx"), "HistoryPage"),
  "/simulations": page(() => import("#web/pages/simulations/simulations-page.tsx"), "SimulationsPage"),
  "/alerts": page(() => import("#web/pages/alerts/alerts-page.tsx"), "AlertsPage"),
  "/server": page(() => import("#web/pages/server/server-page.tsx"), "ServerPage"),
  "/people": page(() => import("#web/pages/people/people-page.tsx"), "PeoplePage"),
  "/keys": page(() => import("#web/pages/keys/keys-page.tsx"), "KeysPage"),
};

/** What is shown at a path; undefined where there is nothing. */
export function pageAt(path: string): ComponentType | undefined {
  return Object.hasOwn(PAGES, path) ? PAGES[path as PagePath].Shown : undefined;
}

/** Loads ahead what a link leads to that somebody points at. */
export function loadAhead(target: EventTarget): void {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>(`a[href^="${BASE}"]`) : null;
  const path = link === null ? "" : pathBelow(new URL(link.href).pathname);
  // What cannot be loaded now is asked for again when it is gone to.
  if (Object.hasOwn(PAGES, path)) PAGES[path as PagePath].load().catch(() => undefined);
}
