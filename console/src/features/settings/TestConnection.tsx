import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { ConnectionTestResult } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { TroubleNote } from "@/shared/ui/TroubleNote";
import type { trialOf } from "./form";

/** Examine the gateway of what is typed, saved or not. It disturbs no session. */
export function TestConnection({
  trial,
  disabled,
}: {
  trial: ReturnType<typeof trialOf>;
  disabled: boolean;
}) {
  const { service } = useDesk();
  const test = useMutation({
    mutationFn: () => answer(service.api.POST("/api/v1/ib/connection/test", { body: trial })),
  });
  return (
    <>
      <Button onClick={() => test.mutate()} disabled={disabled || test.isPending}>
        {test.isPending ? "Testing…" : "Test connection"}
      </Button>
      <div aria-live="polite" className="w-full" data-testid="test-result">
        {test.data && <Result result={test.data} />}
        {test.error && <TroubleNote trouble={troubleOf(test.error)} />}
      </div>
    </>
  );
}

const STEPS = { tcp: "Something listens", api: "The API answers", session: "A session is made" } as const;
const KINDS = {
  live: "live prices",
  frozen: "frozen prices",
  delayed: "delayed prices",
  delayed_frozen: "delayed, frozen prices",
  none: "no prices",
} as const;

function Result({ result }: { result: ConnectionTestResult }) {
  const facts = [
    result.accounts.length > 0 &&
      `${result.paper ? "paper" : "LIVE"} ${result.accounts.length > 1 ? "accounts" : "account"} ${result.accounts.join(", ")}`,
    result.market_data && KINDS[result.market_data],
    result.round_trip_ms !== null && `round trip ${result.round_trip_ms.toFixed(0)} ms`,
    result.server_version !== null && `API version ${result.server_version}`,
  ].filter(Boolean);
  const told = new Set(result.steps.map((step) => step.detail));
  return (
    <div className="appear mt-1 rounded-md border border-line bg-raised p-3">
      <p className="font-semibold">
        {result.ok
          ? `${result.host}:${result.port} can be used.`
          : `${result.host}:${result.port} cannot be used as it is.`}
      </p>
      {facts.length > 0 && <p className="text-muted">{facts.join(" · ")}</p>}
      <ul className="mt-2 space-y-1.5">
        {result.steps.map((step) => (
          <li key={step.name} className="flex gap-2">
            {step.ok ? (
              <CircleCheck className="mt-0.5 size-4 shrink-0 text-up" aria-label="worked" />
            ) : (
              <CircleX className="mt-0.5 size-4 shrink-0 text-down" aria-label="failed" />
            )}
            <span className="min-w-0 break-words">
              <span className="font-medium">{STEPS[step.name]}</span>{" "}
              <span className="text-muted">
                {step.detail}
                {step.milliseconds !== null && ` (${step.milliseconds.toFixed(0)} ms)`}
              </span>
            </span>
          </li>
        ))}
        {result.findings.map((finding) => (
          <li key={finding.id} className="flex gap-2">
            <CircleAlert
              className={classes("mt-0.5 size-4 shrink-0", TONES[finding.severity])}
              aria-label={finding.severity}
            />
            <span className="min-w-0 break-words">
              {!told.has(finding.sentence) && finding.sentence}{" "}
              <span className="text-muted">{finding.remedy}</span>
            </span>
          </li>
        ))}
      </ul>
      {!result.client_id_tried && (
        <p className="mt-2 text-muted">
          Asked under another client id: a session of this service goes by {result.client_id}.
        </p>
      )}
      {result.warnings.map((warning) => (
        <p key={warning} className="mt-2 font-medium text-down">
          {warning}
        </p>
      ))}
    </div>
  );
}

const TONES = { error: "text-down", warning: "text-warn", info: "text-muted" } as const;
