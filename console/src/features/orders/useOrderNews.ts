/** Says what becomes of orders: fills, rejections, cancels, and fates that are not known. */
import { useEffect } from "react";
import { useDesk } from "@/app/desk";
import type { OrderState, OrderView } from "@/shared/api/types";
import { formatNumber, formatQuantity } from "@/shared/format/number";
import type { NoteTone } from "@/shared/ui/announce";
import { describe } from "./words";

const NEWS: Partial<Record<OrderState, { word: string; tone: NoteTone }>> = {
  filled: { word: "Filled", tone: "good" },
  cancelled: { word: "Cancelled", tone: "plain" },
  rejected: { word: "Rejected", tone: "bad" },
  unknown: { word: "Outcome unknown", tone: "warn" },
  inactive: { word: "Inactive", tone: "warn" },
};

export function useOrderNews(): void {
  const { orders, announcer } = useDesk();
  useEffect(() => {
    let before = orders.now.get();
    return orders.now.subscribe(() => {
      const now = orders.now.get();
      // What was there when the page opened is no news.
      if (before.loaded) {
        for (const order of now.orders.values()) {
          const known = before.orders.get(order.key);
          const news = known?.state === order.state ? undefined : NEWS[order.state];
          if (news)
            announcer.tell(`${news.word}: ${describe(order)}`, {
              ...moreOf(order),
              tone: news.tone,
              about: order.key,
            });
        }
      }
      before = now;
    });
  }, [orders, announcer]);
}

function moreOf(order: OrderView): { more?: string } {
  if (order.state === "filled") {
    return {
      more: `${formatQuantity(order.filled)} at ${formatNumber(order.average_price, 4).replace(/0{1,2}$/, "")} on average`,
    };
  }
  return order.reason ? { more: order.reason } : {};
}
