/** Dark, light, or as the system says. `public/theme.js` applies what is stored here before the first paint. */
import { recallText, remember } from "@/shared/storage";
import { createStore, type Store } from "@/shared/store";

export type Choice = "system" | "dark" | "light";
export type Theme = "dark" | "light";

const NAME = "theme";

export interface Themes {
  readonly choice: Store<Choice>;
  readonly shown: Store<Theme>;
  choose(choice: Choice): void;
  /** The other one of the two, as a choice of its own. */
  flip(): void;
}

export function createThemes(root: HTMLElement, prefersDark: MediaQueryList): Themes {
  const stored = recallText(NAME);
  const choice = createStore<Choice>(stored === "dark" || stored === "light" ? stored : "system");
  const shown = createStore<Theme>("dark");

  function apply() {
    const chosen = choice.get();
    shown.set(chosen === "system" ? (prefersDark.matches ? "dark" : "light") : chosen);
    root.dataset.theme = shown.get();
  }

  function choose(next: Choice) {
    choice.set(next);
    remember(NAME, next);
    apply();
  }

  prefersDark.addEventListener("change", apply);
  apply();
  return { choice, shown, choose, flip: () => choose(shown.get() === "dark" ? "light" : "dark") };
}
