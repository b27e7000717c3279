/** The settings as they are typed, and as the service takes them. */
import type { ConnectionSettings } from "@/shared/api/types";

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
}

export const PORTS = [
  { port: 7497, label: "TWS paper", live: false },
  { port: 4002, label: "Gateway paper", live: false },
  { port: 7496, label: "TWS live", live: true },
  { port: 4001, label: "Gateway live", live: true },
] as const;

export function typed(settings: ConnectionSettings): Typed {
  return {
    host: settings.host,
    port: String(settings.port),
    client_id: String(settings.client_id),
    account: settings.account ?? "",
    market_data_type: String(settings.market_data_type ?? 1),
    auto_connect: settings.auto_connect ?? true,
    active: settings.active ?? true,
    connection_timeout: String(settings.connection_timeout ?? 10),
    retry_attempts: String(settings.retry_attempts ?? 0),
    market_data_permissions: (settings.market_data_permissions ?? []).join(", "),
  };
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
  const timeout = Number(form.connection_timeout);
  if (!(timeout > 0 && timeout <= 300))
    found.connection_timeout = "Give seconds, more than 0 and at most 300.";
  const retries = whole(form.retry_attempts);
  if (retries === null || retries < 0 || retries > 1000)
    found.retry_attempts = "Give a whole number from 0 to 1000; 0 never gives up.";
  return found;
}

export function settingsOf(form: Typed): ConnectionSettings {
  return {
    host: form.host.trim(),
    port: Number(form.port),
    client_id: Number(form.client_id),
    account: form.account.trim().toUpperCase(),
    market_data_type: Number(form.market_data_type),
    auto_connect: form.auto_connect,
    active: form.active,
    connection_timeout: Number(form.connection_timeout),
    retry_attempts: Number(form.retry_attempts),
    market_data_permissions: form.market_data_permissions
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean),
  };
}

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
