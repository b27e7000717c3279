/** Who did what, when and why, newest first; and whether the record of it is intact. */
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import { formatMoment, formatTime } from "@/shared/format/time";
import { Button } from "@/shared/ui/Button";
import { classes } from "@/shared/ui/classes";
import { EmptyState, Panel } from "@/shared/ui/Panel";
import { TABLE, TD, TH } from "@/shared/ui/table";

export function AuditPanel() {
  const { service } = useDesk();
  const [words, setWords] = useState("");
  const log = useInfiniteQuery({
    queryKey: ["audit", words],
    queryFn: ({ pageParam }) =>
      answer(
        service.api.GET("/api/v1/ib/audit", {
          params: { query: { limit: 100, words, ...(pageParam === null ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next_before,
    staleTime: 0,
    placeholderData: (before) => before,
  });
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Panel label="Audit log" title="Audit log" aside={<Verify />} className="min-h-0">
      <div className="flex items-center gap-2 border-b border-line px-3 py-2">
        <input
          type="search"
          aria-label="Words to look for"
          placeholder="Words: a key, a setting, a reason"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="h-8 min-w-0 flex-1 rounded-md border border-line bg-raised px-2"
        />
        <Button size="sm" onClick={() => void log.refetch()}>
          Look again
        </Button>
      </div>
      {entries.length === 0 ? (
        <EmptyState icon={<ScrollText />} title={log.isPending ? "Being read" : "Nothing of the kind"} />
      ) : (
        <div className="min-h-0 flex-1 overflow-auto">
          <table className={TABLE} aria-label="Audit log">
            <thead>
              <tr>
                <th className={TH}>Time</th>
                <th className={TH}>Who</th>
                <th className={TH}>What</th>
                <th className={TH}>Of</th>
                <th className={TH}>In words</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.number} title={`Entry ${entry.number}, ${entry.hash}`}>
                  <td className={classes(TD, "text-muted")} title={formatMoment(entry.at)}>
                    {formatTime(entry.at)}
                  </td>
                  <td className={TD}>
                    {entry.actor.name}
                    {entry.actor.via && <span className="text-muted"> {entry.actor.via}</span>}
                  </td>
                  <td className={TD}>{entry.what}</td>
                  <td className={TD}>{entry.subject}</td>
                  <td className={classes(TD, "min-w-64 !whitespace-normal break-words")}>
                    {entry.text}
                    {entry.why && <span className="text-muted"> Why: {entry.why}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {log.hasNextPage && (
            <div className="p-2 text-center">
              <Button size="sm" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                Earlier ones
              </Button>
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}

function Verify() {
  const { service } = useDesk();
  const check = useMutation({ mutationFn: () => answer(service.api.GET("/api/v1/ib/audit/verify")) });
  const verdict = check.data;
  return (
    <span className="flex items-center gap-2 text-xs">
      {verdict?.intact && <span className="text-muted">Intact: {verdict.entries} entries</span>}
      {verdict && !verdict.intact && (
        <span role="alert" className="text-down">
          {verdict.findings[0]?.text} {verdict.wrong > 1 && `And ${verdict.wrong - 1} more.`}
        </span>
      )}
      {check.isError && <span className="text-warn">It could not be checked now.</span>}
      <Button size="sm" disabled={check.isPending} onClick={() => check.mutate()}>
        Verify
      </Button>
    </span>
  );
}
