import { expect, it } from "vitest";
import { changesOf, faults, portRemark, settingsOf, trialOf, typed } from "./form";

const SETTINGS = {
  host: "127.0.0.1",
  port: 4002,
  client_id: 1,
  account: "DU1",
  market_data_type: 1,
  auto_connect: true,
  active: true,
  connection_timeout: 10,
  retry_attempts: 0,
  market_data_permissions: ["US equities", "CME"],
  backups: ["10.0.0.2:4002", "[::1]:4002"],
  failback: "asked" as const,
  data_sessions: ["10.0.0.3:4002/11?kinds=OPT+FUT&lines=200", "[::1]:4002/12"],
  request_timeout: 15,
  answer_timeout: 10,
  heartbeat_interval: 30,
  breaker_failures: 3,
  breaker_cooldown: 30,
};

it("brings back what it was given", () => {
  expect(settingsOf(typed(SETTINGS))).toEqual(SETTINGS);
  expect(faults(typed(SETTINGS))).toEqual({});
});

it("sends only what was changed, and null for what was emptied", () => {
  const saved = typed(SETTINGS);
  expect(changesOf(saved, saved)).toEqual({});
  expect(changesOf({ ...saved, port: "7497", account: " ", backups: "" }, saved)).toEqual({
    port: 7497,
    account: null,
    backups: [],
  });
});

it("tries what is typed, and the gateway in use where no host is", () => {
  expect(trialOf(typed(SETTINGS))).toMatchObject({
    host: "127.0.0.1",
    port: 4002,
    client_id: 1,
    account: "DU1",
  });
  expect(trialOf(typed({}))).toEqual({});
});

it.each([
  ["host", "http://x/"],
  ["port", "0"],
  ["port", "70000"],
  ["port", "4002.5"],
  ["client_id", "-1"],
  ["account", "DU 12"],
  ["connection_timeout", "0"],
  ["connection_timeout", "soon"],
  ["retry_attempts", "1001"],
  ["backups", "10.0.0.2"],
  ["backups", "10.0.0.2:4002, x y:1"],
  ["data_sessions", "10.0.0.3:4002"],
  ["data_sessions", "10.0.0.3:4002/x"],
  ["answer_timeout", "0"],
  ["heartbeat_interval", "3601"],
  ["breaker_failures", "0"],
] as const)("refuses %s = %j and says why", (field, value) => {
  expect(faults({ ...typed(SETTINGS), [field]: value })[field]).toMatch(/\w+/);
});

it("warns of ports that real money stands behind", () => {
  expect(portRemark("7496")).toMatchObject({ live: true });
  expect(portRemark("4001")).toMatchObject({ live: true });
  expect(portRemark("4002")).toMatchObject({ live: false });
  expect(portRemark("9999")?.text).toContain("Not one of IB's");
  expect(portRemark("x")).toBeNull();
});
