// Runs before the first paint. `src/app/theme.ts` owns the choice; this only applies what it stored.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("ironbridge.theme");
  } catch {
    // Storage may be forbidden; the system's preference then stands.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
