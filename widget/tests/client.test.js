import assert from "node:assert/strict";
import { test } from "node:test";

import { createClient } from "../src/client.js";
import { answer } from "./scene.js";

const SERVER = "https://liftgate.example";

/** A network that answers from a list and remembers what it was asked. @param {any[]} answers */
function network(...answers) {
  /** @type {any[]} */
  const asked = [];
  const send = async (/** @type {any} */ url, /** @type {any} */ init) => {
    asked.push({ url, ...init });
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return { asked, send };
}

test("a call carries token, key and body", async () => {
  const { asked, send } = network(answer(201, { id: "ord_1" }));

  const got = await createClient({ token: () => "t", server: SERVER }, send)("orders", { plan: "pro" }, "key");

  assert.deepEqual(got, { id: "ord_1" });
  assert.equal(asked[0].url, "https://liftgate.example/v1/client/orders");
  assert.deepEqual([asked[0].method, asked[0].body], ["POST", '{"plan":"pro"}']);
  assert.deepEqual(asked[0].headers, {
    authorization: "Bearer t",
    "content-type": "application/json",
    "idempotency-key": "key",
  });
});

test("a token route is asked once while its token lives, and may name the server", async () => {
  const grant = answer(200, { token: "t", expires_at: "2999-01-01T00:00:00Z", server: SERVER });
  const { asked, send } = network(grant, answer(200, {}), answer(200, {}));
  const ask = createClient({ tokenUrl: "/token" }, send);

  await ask("orders/1");
  await ask("orders/1");

  assert.deepEqual(asked.map(({ url }) => url), ["/token", ...Array(2).fill(SERVER + "/v1/client/orders/1")]);
});

test("a token about to expire is renewed before it is used", async () => {
  const soon = new Date(Date.now() + 10_000).toISOString();
  const { asked, send } = network(
    answer(200, { token: "one", expires_at: soon, server: SERVER }),
    answer(200, {}),
    answer(200, { token: "two", expires_at: soon, server: SERVER }),
    answer(200, {}),
  );
  const ask = createClient({ tokenUrl: "/token" }, send);

  await ask("a");
  await ask("b");

  assert.equal(asked[3].headers.authorization, "Bearer two");
});

test("a host's function is asked for a token before each call", async () => {
  let number = 0;
  const { asked, send } = network(answer(200, {}), answer(200, {}));
  const ask = createClient({ token: async () => `t${++number}`, server: SERVER }, send);

  await ask("a");
  await ask("b");

  assert.deepEqual(asked.map(({ headers }) => headers.authorization), ["Bearer t1", "Bearer t2"]);
});

test("a refused token is renewed once, not for ever", async () => {
  const { asked, send } = network(answer(401, {}), answer(401, {}));

  await assert.rejects(createClient({ token: () => "t", server: SERVER }, send)("a"), { status: 401 });
  assert.equal(asked.length, 2);
});

test("a refusal is thrown with its status", async () => {
  const { send } = network(answer(409, { code: "not_an_upgrade" }));

  await assert.rejects(createClient({ token: () => "t", server: SERVER }, send)("a"), { status: 409 });
});

for (const [name, options] of /** @type {[string, any][]} */ ([
  ["no token at all", {}],
  ["an empty token", { token: () => "" }],
  ["a token function that throws", { token: () => Promise.reject(new Error("out")) }],
]))
  test(`${name} is a failure and nothing is sent`, async () => {
    const { asked, send } = network();

    await assert.rejects(createClient({ server: SERVER, ...options }, send)("a"));
    assert.deepEqual(asked, []);
  });

for (const [name, options, send] of /** @type {[string, any, any][]} */ ([
  ["a server that never answers", { token: () => "t" }, () => new Promise(() => {})],
  ["a token function that never answers", { token: () => new Promise(() => {}) }, async () => answer(200, {})],
]))
  test(`${name} is given up`, async () => {
    // AbortSignal.timeout does not keep the process alive; a page does.
    const alive = setInterval(() => {}, 1000);

    await assert.rejects(createClient({ server: SERVER, ...options }, send, 20)("a"));
    clearInterval(alive);
  });
