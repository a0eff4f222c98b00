import "./portal-styles.ts";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { isFinal, Refusal } from "#web/api/client.ts";
import { Branded } from "#web/portal/brand/brand.tsx";
import { Portal } from "#web/portal/portal.tsx";

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
setNonce(nonce);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses it refuses again, unless that was only too often; who does not answer may do so soon.
      retry: (failures, error) =>
        failures < 20 && (!isFinal(error) || (error instanceof Refusal && error.status === 429)),
      retryDelay: (failures) => Math.min(1000 * 1.5 ** failures, 5_000),
    },
  },
});

createRoot(document.getElementById("portal") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Branded nonce={nonce}>
        <Router base="/portal">
          <Portal />
        </Router>
      </Branded>
    </QueryClientProvider>
  </StrictMode>,
);
