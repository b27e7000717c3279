/** The connection as the service tells it: heartbeats and alerts come without being asked for. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createService } from "@/shared/api/client";
import type { AlertRaised } from "@/shared/api/types";
import { gatewaySession, pacing, status } from "@/testing/samples";
import { type StandIn, standIn } from "@/testing/service";
import { type ConnectionFeed, createConnectionFeed } from "./connectionStore";

let service: StandIn;
let feed: ConnectionFeed;
let alerts: AlertRaised[];

beforeEach(async () => {
  service = await standIn();
  alerts = [];
  feed = createConnectionFeed(
    createService(service.origin),
    () => undefined,
    (alert) => alerts.push(alert),
  );
  feed.channel.start();
});

afterEach(async () => {
  feed.channel.stop();
  await service.close();
});

test("each heartbeat brings its round trip, and is no line of the log", async () => {
  const line = await service.stream("connection");
  line.send({ type: "snapshot", status: status(), pacing: pacing(), data_pacing: [], sequence: 0 });
  line.send({ type: "health", status: status({ round_trip_ms: 12.5 }), sequence: 1 });
  await vi.waitFor(() => expect(feed.now.get().status?.round_trip_ms).toBe(12.5));
  expect(feed.now.get().log).toHaveLength(1);
  line.send({ type: "health", status: status({ round_trip_ms: 7 }), sequence: 2 });
  await vi.waitFor(() => expect(feed.now.get().status?.round_trip_ms).toBe(7));
  expect(service.asked).toHaveLength(0);
});

test("an alert is handed on, once", async () => {
  const line = await service.stream("connection");
  const alert = {
    type: "alert",
    at: status().since,
    kind: "login-missed",
    severity: "critical",
    text: "The gateway is not logged in.",
    next_step: "Log it in.",
    sequence: 1,
  };
  line.send({ type: "snapshot", status: status(), pacing: pacing(), data_pacing: [], sequence: 0 });
  line.send(alert);
  line.send(alert);
  line.send({ type: "health", status: status({ round_trip_ms: 1 }), sequence: 2 });
  await vi.waitFor(() => expect(feed.now.get().status?.round_trip_ms).toBe(1));
  expect(alerts.map((one) => one.kind)).toEqual(["login-missed"]);
});

test("the use of the limits comes with the snapshot and again when it changes", async () => {
  const line = await service.stream("connection");
  line.send({ type: "snapshot", status: status(), pacing: pacing(), data_pacing: [], sequence: 0 });
  await vi.waitFor(() => expect(feed.pacing.get()?.admitted).toBe(12));
  const before = feed.now.get();
  line.send({ type: "pacing", pacing: pacing({ admitted: 40 }), sequence: 1 });
  line.send({ type: "pacing", pacing: pacing({ admitted: 30 }), sequence: 1 });
  await vi.waitFor(() => expect(feed.pacing.get()?.admitted).toBe(40));
  expect(feed.now.get()).toBe(before);
  line.send({ type: "pacing", pacing: pacing({ session: "data-1", admitted: 7 }), sequence: 2 });
  await vi.waitFor(() => expect(feed.dataPacing.get()).toMatchObject([{ session: "data-1", admitted: 7 }]));
  expect(feed.pacing.get()?.admitted).toBe(40);
  expect(service.asked).toHaveLength(0);
});

test("a move of a session for market data is a line of the log under its name, and no move of the other", async () => {
  const line = await service.stream("connection");
  const sessions = [
    gatewaySession(),
    gatewaySession({ name: "data-1", carries_orders: false, state: "reconnecting" }),
  ];
  line.send({ type: "snapshot", status: status(), pacing: pacing(), data_pacing: [], sequence: 0 });
  line.send({
    type: "session",
    session: "data-1",
    at: status().since,
    before: "ready",
    after: "reconnecting",
    reason: "The link was lost.",
    status: status({ sessions }),
    sequence: 1,
  });
  await vi.waitFor(() => expect(feed.now.get().status?.sessions).toHaveLength(2));
  expect(feed.now.get().log[0]).toMatchObject({
    after: "reconnecting",
    reason: "data-1: The link was lost.",
  });
  expect(feed.now.get().status?.state).toBe("ready");
});
