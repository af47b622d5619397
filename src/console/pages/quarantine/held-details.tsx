import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { leadQuery } from "../../api/queries.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { Facts } from "../../components/facts.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { textOf } from "../lead/text-of.ts";

/** All that a lead which is held back says. */
export function HeldDetails({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(leadQuery(id));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Loader size="sm" mt="sm" />;
  return (
    <Facts
      facts={Object.entries(data.form_data).map(([field, value]) => ({
        key: field,
        name: <bdi>{field}</bdi>,
        value: <VisitorText text={textOf(value)} limit={600} />,
      }))}
    />
  );
}
