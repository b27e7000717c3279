import { AuditPanel } from "@/features/audit/AuditPanel";
import { ConnectionLog } from "@/features/connection/ConnectionLog";

export function ActivityView() {
  return (
    <div className="grid items-start gap-2">
      <h1 className="sr-only">Activity</h1>
      <AuditPanel />
      <ConnectionLog />
    </div>
  );
}
