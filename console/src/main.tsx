import "./styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { createDesk } from "./app/desk";
import { createThemes } from "./app/theme";
import { takeToken } from "./features/session/session";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

const themes = createThemes(document.documentElement, matchMedia("(prefers-color-scheme: dark)"));
const desk = createDesk(location.origin);
const begin = () => void desk.session.begin(takeToken(location, history));

createRoot(root).render(
  <StrictMode>
    <App desk={desk} themes={themes} />
  </StrictMode>,
);
begin();
// A sign-in link pasted into this very page changes the fragment and loads nothing.
addEventListener("hashchange", () => location.hash.includes("token=") && begin());
