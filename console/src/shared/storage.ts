/** What the browser remembers for this person. Storage may be full or forbidden: then nothing is remembered. */
const PREFIX = "ironbridge.";

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, typeof value === "string" ? value : JSON.stringify(value));
  } catch {
    // Nothing the person asked for depends on it.
  }
}

export function recallText(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function recall(name: string): unknown {
  const text = recallText(name);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
