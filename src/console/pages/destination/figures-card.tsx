import { Card } from "@mantine/core";
import type { DestinationSummary } from "../../api/types.ts";
import { Figures } from "../destinations/figures.tsx";

export function FiguresCard({ destination }: { destination: DestinationSummary }) {
  return (
    <Card>
      <Figures destination={destination} wide />
    </Card>
  );
}
