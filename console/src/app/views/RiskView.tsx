import { LimitsPanel } from "@/features/risk/LimitsPanel";
import { RiskNewsPanel } from "@/features/risk/RiskNewsPanel";
import { UsePanel } from "@/features/risk/UsePanel";

export function RiskView() {
  return (
    <div className="flex h-full flex-col gap-2">
      <h1 className="sr-only">Risk</h1>
      <UsePanel />
      <LimitsPanel />
      <RiskNewsPanel />
    </div>
  );
}
