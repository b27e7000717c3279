import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { troubleOf } from "@/shared/api/problem";
import type { ConnectionTestResult } from "@/shared/api/types";
import { Button } from "@/shared/ui/Button";
import { TroubleNote } from "@/shared/ui/TroubleNote";

/** Ask whether a gateway answers at the typed address. It disturbs no session. */
export function TestConnection({ host, port, disabled }: { host: string; port: string; disabled: boolean }) {
  const { service } = useDesk();
  const test = useMutation({
    // With no host it is the connection in use that is tested.
    mutationFn: () =>
      answer(
        service.api.POST("/api/v1/ib/connection/test", {
          body: host.trim() ? { host: host.trim(), port: Number(port) } : {},
        }),
      ),
  });
  return (
    <>
      <Button onClick={() => test.mutate()} disabled={disabled || test.isPending}>
        {test.isPending ? "Testing…" : "Test connection"}
      </Button>
      <div aria-live="polite" className="w-full">
        {test.data && <Result result={test.data} />}
        {test.error && <TroubleNote trouble={troubleOf(test.error)} />}
      </div>
    </>
  );
}

const STEPS = { tcp: "Something listens", api: "The API answers" } as const;

function Result({ result }: { result: ConnectionTestResult }) {
  return (
    <div className="appear mt-1 rounded-md border border-line bg-raised p-3">
      <p className="font-semibold">
        {result.ok
          ? `A gateway answers at ${result.host}:${result.port} (API version ${result.server_version ?? "not told"}).`
          : `No gateway at ${result.host}:${result.port}.`}
      </p>
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
                {step.detail} ({step.milliseconds.toFixed(0)} ms)
              </span>
            </span>
          </li>
        ))}
      </ul>
      {result.next_step && <p className="mt-2">{result.next_step}</p>}
      {result.warnings.map((warning) => (
        <p key={warning} className="mt-2 text-warn">
          {warning}
        </p>
      ))}
    </div>
  );
}
