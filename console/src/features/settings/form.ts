/** The settings as they are typed, and as the service takes them. */
import type { ProfileSettings, ProfileView, SettingsView } from "@/shared/api/types";

export interface Typed {
  readonly host: string;
  readonly port: string;
  readonly client_id: string;
  readonly account: string;
  readonly market_data_type: string;
  readonly auto_connect: boolean;
  readonly active: boolean;
  readonly connection_timeout: string;
  readonly retry_attempts: string;
  readonly market_data_permissions: string;
  readonly backups: string;
  readonly failback: string;
  readonly data_sessions: string;
  readonly request_timeout: string;
  readonly answer_timeout: string;
  readonly heartbeat_interval: string;
  readonly breaker_failures: string;
  readonly breaker_cooldown: string;
}

/** What is measured in seconds, with the most that it can be. */
const SECONDS = {
  connection_timeout: 300,
  request_timeout: 3600,
  answer_timeout: 3600,
  heartbeat_interval: 3600,
  breaker_cooldown: 3600,
} as const;

export const PORTS = [
  { port: 7497, label: "TWS paper", live: false },
  { port: 4002, label: "Gateway paper", live: false },
  { port: 7496, label: "TWS live", live: true },
  { port: 4001, label: "Gateway live", live: true },
] as const;

export function typed(settings: ProfileSettings): Typed {
  return {
    host: settings.host ?? "",
    port: String(settings.port ?? 4002),
    client_id: String(settings.client_id ?? 1),
    account: settings.account ?? "",
    market_data_type: String(settings.market_data_type ?? 1),
    auto_connect: settings.auto_connect ?? true,
    active: settings.active ?? true,
    connection_timeout: String(settings.connection_timeout ?? 10),
    retry_attempts: String(settings.retry_attempts ?? 0),
    market_data_permissions: (settings.market_data_permissions ?? []).join(", "),
    backups: (settings.backups ?? []).join(", "),
    failback: settings.failback ?? "reconnect",
    data_sessions: (settings.data_sessions ?? []).join(", "),
    request_timeout: String(settings.request_timeout ?? 15),
    answer_timeout: String(settings.answer_timeout ?? 10),
    heartbeat_interval: String(settings.heartbeat_interval ?? 30),
    breaker_failures: String(settings.breaker_failures ?? 3),
    breaker_cooldown: String(settings.breaker_cooldown ?? 30),
  };
}

/** What a profile shows: the current one's values are those in force, wherever they come from. */
export function valuesOf(profile: ProfileView, view: SettingsView): ProfileSettings {
  if (!profile.current) return profile.settings;
  return Object.fromEntries(view.fields.map(({ name, value }) => [name, value]));
}

/** Why a field cannot be changed here, by field. */
export function fixedBy(profile: ProfileView, view: SettingsView): Readonly<Record<string, string>> {
  if (!profile.current) return {};
  return Object.fromEntries(view.fields.filter(({ fixed }) => fixed).map(({ name, place }) => [name, place]));
}

export type Faults = Partial<Record<keyof Typed, string>>;

/** What stands in the way of saving, by field. */
export function faults(form: Typed): Faults {
  const found: Faults = {};
  if (!/^[A-Za-z0-9._:-]{0,253}$/.test(form.host.trim())) {
    found.host = "Name the machine the gateway runs on, such as 127.0.0.1, without a port or a path.";
  }
  const port = whole(form.port);
  if (port === null || port < 1 || port > 65535) found.port = "A port is a whole number from 1 to 65535.";
  const client = whole(form.client_id);
  if (client === null || client < 0 || client > 2 ** 31 - 1)
    found.client_id = "A client id is a whole number, 0 or more.";
  if (!/^[A-Za-z0-9]{0,16}$/.test(form.account.trim()))
    found.account = "An account is letters and digits, like DU1234567.";
  for (const name of Object.keys(SECONDS) as (keyof typeof SECONDS)[]) {
    const seconds = Number(form[name]);
    if (!(seconds > 0 && seconds <= SECONDS[name]))
      found[name] = `Give seconds, more than 0 and at most ${SECONDS[name]}.`;
  }
  const failures = whole(form.breaker_failures);
  if (failures === null || failures < 1 || failures > 1000)
    found.breaker_failures = "Give a whole number from 1 to 1000.";
  const retries = whole(form.retry_attempts);
  if (retries === null || retries < 0 || retries > 1000)
    found.retry_attempts = "Give a whole number from 0 to 1000; 0 never gives up.";
  const wrong = listOf(form.backups).find(
    (each) => !/^(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/i.test(each),
  );
  if (wrong) found.backups = `${wrong} is not host:port, such as 10.0.0.2:4002.`;
  const odd = listOf(form.data_sessions).find(
    (each) => !/^(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}\/\d{1,10}(\?\S+)?$/i.test(each),
  );
  if (odd) found.data_sessions = `${odd} is not host:port/client id, such as 10.0.0.3:4002/11.`;
  return found;
}

export function settingsOf(form: Typed) {
  return {
    host: form.host.trim() || null,
    port: Number(form.port),
    client_id: Number(form.client_id),
    account: form.account.trim().toUpperCase() || null,
    market_data_type: Number(form.market_data_type),
    auto_connect: form.auto_connect,
    active: form.active,
    connection_timeout: Number(form.connection_timeout),
    retry_attempts: Number(form.retry_attempts),
    market_data_permissions: listOf(form.market_data_permissions),
    backups: listOf(form.backups),
    failback: form.failback === "asked" ? "asked" : "reconnect",
    data_sessions: listOf(form.data_sessions),
    request_timeout: Number(form.request_timeout),
    answer_timeout: Number(form.answer_timeout),
    heartbeat_interval: Number(form.heartbeat_interval),
    breaker_failures: Number(form.breaker_failures),
    breaker_cooldown: Number(form.breaker_cooldown),
  } satisfies ProfileSettings;
}

/** Only what is typed otherwise than it is saved: what nobody touched is not written over. */
export function changesOf(form: Typed, saved: Typed): ProfileSettings {
  const now = settingsOf(form);
  const names = (Object.keys(now) as (keyof Typed)[]).filter((name) => form[name] !== saved[name]);
  return Object.fromEntries(names.map((name) => [name, now[name]]));
}

/** What the service is asked to try; an empty host means the gateway that is in use. */
export function trialOf(form: Typed) {
  if (!form.host.trim()) return {};
  const { host, port, client_id, account, market_data_type, connection_timeout } = settingsOf(form);
  return { host, port, client_id, account: account ?? "", market_data_type, connection_timeout };
}

const listOf = (text: string) =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);

/** A port that real money stands behind, or one that is none of IB's own. */
export function portRemark(text: string): { live: boolean; text: string } | null {
  const port = whole(text);
  const known = PORTS.find((each) => each.port === port);
  if (known?.live) {
    return {
      live: true,
      text: `${known.port} is ${known.label}: orders there are real. Paper is 7497 and 4002.`,
    };
  }
  if (known) return { live: false, text: `${known.label}: no real money.` };
  return port === null
    ? null
    : { live: false, text: "Not one of IB's usual ports (7496, 7497, 4001, 4002)." };
}

function whole(text: string): number | null {
  return /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : null;
}
