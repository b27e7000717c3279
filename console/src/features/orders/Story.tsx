/** All that has happened to an order, from the audit log; asked for anew when the order changes. */
import { useQuery } from "@tanstack/react-query";
import { useDesk } from "@/app/desk";
import { answer } from "@/shared/api/client";
import type { OrderView } from "@/shared/api/types";
import { formatMoment, formatTime } from "@/shared/format/time";

export function Story({ order }: { order: OrderView }) {
  const { service } = useDesk();
  const story = useQuery({
    queryKey: ["story", order.key, order.updated_at],
    queryFn: () =>
      answer(service.api.GET("/api/v1/ib/orders/{key}/story", { params: { path: { key: order.key } } })),
    placeholderData: (before) => before,
  });
  if (!story.data) {
    return <p className="py-2 text-muted">{story.isError ? "It could not be read now." : "Being read."}</p>;
  }
  return (
    <ol aria-label="Story">
      {story.data.entries.map((entry) => (
        <li
          key={`${entry.sequence ?? entry.at} ${entry.what}`}
          className="grid grid-cols-[5.5rem_1fr] gap-x-3 border-b border-line/60 py-1.5"
        >
          <time dateTime={entry.at} title={formatMoment(entry.at)} className="text-muted">
            {formatTime(entry.at)}
          </time>
          <div className="min-w-0 break-words">
            <span className="font-medium">{entry.what.replace("order.", "").replaceAll("_", " ")}</span>{" "}
            <span className="text-muted">
              {entry.actor.name}
              {entry.actor.via && `, ${entry.actor.via}`}
            </span>
            {entry.text && <p>{entry.text}</p>}
            {entry.why && <p className="text-muted">Why: {entry.why}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
