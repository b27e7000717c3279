/** The kill switch as a person uses it, in front of a service over real sockets. */

import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDesk, type Desk, DeskContext } from "@/app/desk";
import { risk } from "@/testing/samples";
import { problem, type StandIn, standIn } from "@/testing/service";
import { KillBanner, KillButton } from "./KillSwitch";

let service: StandIn;
let desk: Desk;

beforeEach(async () => {
  service = await standIn();
  desk = createDesk(service.origin);
  desk.risk.channel.start();
});

afterEach(async () => {
  act(() => desk.risk.channel.stop());
  await service.close();
});

async function open() {
  render(
    <DeskContext value={desk}>
      <QueryClientProvider client={desk.queries}>
        <KillButton />
        <KillBanner />
      </QueryClientProvider>
    </DeskContext>,
  );
  const line = await service.stream("risk");
  act(() => line.send({ type: "snapshot", risk: risk(), sequence: 0 }));
  return userEvent.setup();
}

it("asks for a reason, says what happens, and shows on every page that nothing is sent", async () => {
  const person = await open();
  service.on("POST /risk/kill", ({ body }) => {
    expect(body).toEqual({ reason: "drill" });
    return [200, risk({ state: "incomplete", by: "anne", reason: "drill", left: ["'k1' is Submitted"] })];
  });
  service.on("POST /risk/release", () => [200, risk()]);
  await person.click(screen.getByRole("button", { name: "Kill switch" }));
  const engage = screen.getByRole("button", { name: "Cancel everything and block new orders" });
  expect(engage.hasAttribute("disabled")).toBe(true);
  await person.type(screen.getByLabelText("Reason"), "drill");
  await person.click(engage);
  const banner = await screen.findByRole("alert");
  expect(banner.textContent).toContain("no order is sent");
  expect(banner.textContent).toContain("'k1' is Submitted");
  expect(screen.queryByRole("button", { name: "Kill switch" })).toBeNull();

  await person.click(screen.getByRole("button", { name: "Release…" }));
  await person.type(screen.getByLabelText("Reason"), "over");
  await person.click(screen.getByRole("button", { name: "Let orders through again" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

it("keeps the question open where it was not engaged, and says why", async () => {
  const person = await open();
  service.on("POST /risk/kill", () => [503, problem("storage", "The database is locked.")]);
  await person.click(screen.getByRole("button", { name: "Kill switch" }));
  await person.type(screen.getByLabelText("Reason"), "drill");
  await person.click(screen.getByRole("button", { name: "Cancel everything and block new orders" }));
  await screen.findByText("The database is locked.");
  expect(screen.getByRole("dialog")).toBeTruthy();
});
