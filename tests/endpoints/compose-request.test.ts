import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Composed, compose, composeAsk } from "#endpoints/compose.ts";
import type { ComposedRequest } from "#endpoints/compose-request.ts";
import { ask, sale, webhook } from "./sales.ts";

const url = "https://buyer.example/in";

test("a POST to an address without placeholders is as configured", () => {
  expect(compose(sale(), webhook({ headers: { "x-key": "secret" } })).request).toBeUndefined();
});

test("a URL and headers are filled in, and other headers left to the configuration", () => {
  const headers = { "x-key": "secret", "x-name": "{name|upper}!", "x-none": "{none}" };
  const { body, request } = compose(
    sale({ name: "Zoë & Ann\r\nhost: x", phone: "+15125552846" }),
    webhook({
      http_method: "PUT",
      url: `${url}?p={phone|national}&n={name}&b={{}}`,
      headers,
      template: { a: 1 },
    }),
  );
  expect(body).toBe('{"a":1}');
  expect(request).toEqual({
    method: "PUT",
    url: `${url}?p=5125552846&n=Zo%C3%AB%20%26%20Ann%0D%0Ahost%3A%20x&b={}`,
    headers: { "x-name": "ZO%C3%8B & ANN HOST: X!", "x-none": "" },
  });
});

test("a GET has no body and no content type, for a ping too", () => {
  const get = webhook({
    http_method: "GET",
    url: `${url}/{lead_id}`,
    ping: { http_method: "GET", url: `${url}?i={ping.id}` },
  });
  expect(compose(sale(), get)).toEqual({
    contentType: "",
    body: "",
    subject: null,
    request: { method: "GET", url: `${url}/${sale().leadId}`, headers: {} },
  });
  if (get.ping === null) throw new Error("there is a ping");
  expect(requestOf(composeAsk(ask(), get.ping, null))?.url).toBe(`${url}?i=${ask().pingId}`);
});

test("no value breaks out of its place in a URL or header", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."./?#&=%\\@:\r\n é".split("")) }),
  );
  const filter = fc.constantFrom("", "|trim", "|upper", "|last:3");
  fc.assert(
    fc.property(nasty, filter, (v, by) => {
      const request = requestOf(
        compose(
          sale({ v }),
          webhook({
            http_method: "GET",
            url: `${url}/a/{v${by}}/b?x={v${by}}&y=1#z`,
            headers: { "x-v": `{v${by}}` },
          }),
        ),
      );
      const filled = new URL(request?.url ?? "");
      expect(filled.origin).toBe("https://buyer.example");
      expect(filled.pathname).toStartWith("/in/a/");
      expect(filled.pathname).toEndWith("/b");
      expect(filled.pathname.split("/")).toHaveLength(5);
      expect([...filled.searchParams.keys()]).toEqual(["x", "y"]);
      expect(request?.headers["x-v"]).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
    }),
  );
});

/** What of a webhook is made of the lead beside its body. */
function requestOf({ request }: Composed): ComposedRequest | undefined {
  return request?.method === "mail" ? undefined : request;
}
