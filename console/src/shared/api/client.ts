/**
 * The one way to the service: typed requests, the second secret on those that change something, a limit on the wait.
 *
 * Every failure leaves as `RequestFailed`. A 401 also tells the listener that the session is over, whichever request
 * found out.
 */
import createClient, { type Client } from "openapi-fetch";
import { fromAnswer, fromSilence, RequestFailed } from "./problem";
import type { paths } from "./schema";

const PREFIX = "/api/v1/ib";
const CSRF_HEADER = "X-Ironbridge-CSRF";
/** Longer than the service itself waits for the gateway (`connect` and `wait` are bounded there at 30 s). */
const ANSWER_WITHIN = 40_000;

export interface Service {
  readonly api: Client<paths>;
  /** The address of a stream. */
  stream(name: string, query?: Record<string, string>): string;
  /** The second secret of this browser's session; null after signing out. */
  setSecret(secret: string | null): void;
  onSignedOut(listener: () => void): void;
}

export function createService(origin: string, answerWithin = ANSWER_WITHIN): Service {
  let secret: string | null = null;
  let signedOut: () => void = () => {};
  const api = createClient<paths>({
    baseUrl: origin,
    credentials: "same-origin",
    fetch: async (request) => {
      try {
        return await fetch(request, { signal: AbortSignal.timeout(answerWithin) });
      } catch (error) {
        throw new RequestFailed(fromSilence(error));
      }
    },
  });
  api.use({
    onRequest({ request }) {
      if (secret !== null && request.method !== "GET") request.headers.set(CSRF_HEADER, secret);
      return request;
    },
    onResponse({ response, schemaPath, request }) {
      const signingIn = schemaPath === `${PREFIX}/session` && request.method === "POST";
      if (response.status === 401 && !signingIn) signedOut();
    },
  });
  return {
    api,
    stream(name, query = {}) {
      const url = new URL(`${PREFIX}/ws/${name}`, origin);
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      return url.href;
    },
    setSecret(next) {
      secret = next;
    },
    onSignedOut(listener) {
      signedOut = listener;
    },
  };
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of an answer that went well; everything else is thrown as `RequestFailed`. */
export async function answer<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  let result: Answer<Data>;
  try {
    result = await request;
  } catch (error) {
    // Reading a body that was cut off, or that is no JSON, throws inside the client.
    throw error instanceof RequestFailed ? error : new RequestFailed(fromSilence(error));
  }
  if (!result.response.ok) throw new RequestFailed(fromAnswer(result.error, result.response.status));
  return result.data as Data;
}
