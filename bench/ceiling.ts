/** The least that a server can do with a lead: read it and say 201. How fast the load runs against it is the load's own limit. */
const answer = JSON.stringify({ data: { id: "lead_0", status: "ACCEPTED", buyer_id: "none" } });
const headers = {
  "content-type": "application/json",
  "x-request-id": "0",
  "x-ratelimit-remaining": "0",
  "cache-control": "no-store",
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    await request.text();
    return new Response(answer, { status: 201, headers });
  },
});
console.log(JSON.stringify({ port: server.port }));
