import { afterEach, beforeEach, expect, it } from "vitest";
import { answer, createService, type Service } from "@/shared/api/client";
import { problem, type StandIn, standIn } from "@/testing/service";
import { createSession, type Session, takeToken } from "./session";

let there: StandIn;
let service: Service;
let session: Session;

beforeEach(async () => {
  there = await standIn();
  service = createService(there.origin);
  session = createSession(service);
});

afterEach(() => there.close());

const admitted = { method: "cookie", csrf_token: "second", expires_at: null, version: "0.1.0" };
const denied = problem("access-denied", "The access token is wrong.", {
  next_step: "`ironbridge token` prints it.",
});

it("signs in with the token and carries the second secret on what changes something", async () => {
  there.on("POST /session", () => [200, admitted]);
  there.on("POST /connection/connect", () => [200, {}]);
  there.on("GET /connection/status", () => [200, {}]);
  await session.begin("the-token");
  expect(there.asked[0]?.body).toEqual({ token: "the-token" });
  expect(session.now.get()).toEqual({ phase: "signed-in", version: "0.1.0" });
  await answer(service.api.POST("/api/v1/ib/connection/connect"));
  await answer(service.api.GET("/api/v1/ib/connection/status"));
  expect(there.asked[1]?.headers["x-ironbridge-csrf"]).toBe("second");
  expect(there.asked[2]?.headers["x-ironbridge-csrf"]).toBeUndefined();
});

it("goes on with a cookie that still holds", async () => {
  there.on("GET /session", () => [200, admitted]);
  await session.begin(null);
  expect(session.now.get().phase).toBe("signed-in");
});

it("asks for the token where there is no session, and says why where it was wrong", async () => {
  there.on("GET /session", () => [401, denied]);
  there.on("POST /session", () => [401, denied]);
  await session.begin(null);
  expect(session.now.get()).toMatchObject({ phase: "signed-out", ended: false });
  await session.signIn("wrong");
  expect(session.now.get()).toMatchObject({
    phase: "signed-out",
    ended: false,
    trouble: { detail: "The access token is wrong." },
  });
});

it("ends when any request finds the session gone", async () => {
  there.on("POST /session", () => [200, admitted]);
  there.on("GET /account", () => [401, denied]);
  await session.signIn("the-token");
  await expect(answer(service.api.GET("/api/v1/ib/account"))).rejects.toThrow("The access token is wrong.");
  expect(session.now.get()).toMatchObject({ phase: "signed-out", ended: true });
});

it("asks once however many streams were refused at a time", async () => {
  there.on("GET /session", () => [200, admitted]);
  await Promise.all([session.recheck(), session.recheck(), session.recheck()]);
  expect(there.asked).toHaveLength(1);
});

it("does not take a service that is away for a session that has ended", async () => {
  there.on("POST /session", () => [200, admitted]);
  await session.signIn("the-token");
  there.on("GET /session", (asked) => asked.cut());
  await session.recheck();
  expect(session.now.get().phase).toBe("signed-in");
});

it("says that the service is away where nobody was signed in", async () => {
  there.on("GET /session", (asked) => asked.cut());
  await session.begin(null);
  expect(session.now.get()).toMatchObject({ phase: "unreachable", trouble: { slug: "unreachable" } });
});

it("does not pretend to be signed out", async () => {
  there.on("POST /session", () => [200, admitted]);
  await session.signIn("the-token");
  there.on("DELETE /session", () => [500, problem("error", "A mistake.")]);
  await expect(session.signOut()).rejects.toThrow("A mistake.");
  expect(session.now.get().phase).toBe("signed-in");
  there.on("DELETE /session", () => [204]);
  await session.signOut();
  expect(session.now.get()).toMatchObject({ phase: "signed-out", ended: false });
});

it("takes the token out of the address", () => {
  window.history.replaceState(null, "", "/orders?x=1#token=abc-_123");
  expect(takeToken(window.location, window.history)).toBe("abc-_123");
  expect(window.location.href).toMatch(/\/orders\?x=1$/);
  expect(takeToken(window.location, window.history)).toBeNull();
});
