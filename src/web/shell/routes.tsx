import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Shell } from "./shell.tsx";

/** What an address says beside its path; each page reads what it knows of it. */
type Search = Readonly<Record<string, string | undefined>>;

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(
      Object.entries(search)
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => [name, String(value)]),
    ),
});

const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const tree = root.addChildren([
  page(
    "/",
    lazyRouteComponent(() => import("#web/pages/board/board-page.tsx"), "BoardPage"),
  ),
  page(
    "/leads",
    lazyRouteComponent(() => import("#web/pages/leads/leads-page.tsx"), "LeadsPage"),
  ),
  page(
    "/deliveries",
    lazyRouteComponent(() => import("#web/pages/deliveries/deliveries-page.tsx"), "DeliveriesPage"),
  ),
  page(
    "/buyers",
    lazyRouteComponent(() => import("#web/pages/buyers/buyers-page.tsx"), "BuyersPage"),
  ),
  page(
    "/suppliers",
    lazyRouteComponent(() => import("#web/pages/suppliers/suppliers-page.tsx"), "SuppliersPage"),
  ),
  page(
    "/returns",
    lazyRouteComponent(() => import("#web/pages/returns/returns-page.tsx"), "ReturnsPage"),
  ),
  page(
    "/campaigns",
    lazyRouteComponent(() => import("#web/pages/campaigns/campaigns-page.tsx"), "CampaignsPage"),
  ),
  page(
    "/profit",
    lazyRouteComponent(() => import("#web/pages/profit/profit-page.tsx"), "ProfitPage"),
  ),
  page(
    "/accounts",
    lazyRouteComponent(() => import("#web/pages/accounts/accounts-page.tsx"), "AccountsPage"),
  ),
  page(
    "/statement",
    lazyRouteComponent(() => import("#web/pages/accounts/statement-page.tsx"), "StatementPage"),
  ),
  page(
    "/invoices",
    lazyRouteComponent(() => import("#web/pages/accounts/invoices-page.tsx"), "InvoicesPage"),
  ),
  page(
    "/invoice",
    lazyRouteComponent(() => import("#web/pages/accounts/invoice-page.tsx"), "InvoicePage"),
  ),
  page(
    "/configuration",
    lazyRouteComponent(() => import("#web/pages/configuration/configuration-page.tsx"), "ConfigurationPage"),
  ),
  page(
    "/suppression",
    lazyRouteComponent(() => import("#web/pages/suppression/suppression-page.tsx"), "SuppressionPage"),
  ),
  page(
    "/history",
    lazyRouteComponent(() => import("#web/pages/history/history-page.tsx"), "HistoryPage"),
  ),
  page(
    "/simulations",
    lazyRouteComponent(() => import("#web/pages/simulations/simulations-page.tsx"), "SimulationsPage"),
  ),
  page(
    "/alerts",
    lazyRouteComponent(() => import("#web/pages/alerts/alerts-page.tsx"), "AlertsPage"),
  ),
  page(
    "/server",
    lazyRouteComponent(() => import("#web/pages/server/server-page.tsx"), "ServerPage"),
  ),
  page(
    "/people",
    lazyRouteComponent(() => import("#web/pages/people/people-page.tsx"), "PeoplePage"),
  ),
  page(
    "/keys",
    lazyRouteComponent(() => import("#web/pages/keys/keys-page.tsx"), "KeysPage"),
  ),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: "/console",
  defaultPreload: "intent",
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
