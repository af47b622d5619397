import { answer, api } from "./client.ts";
import type { Erased, ErasurePlan } from "./types.ts";

/** What erasing the person with this e-mail or phone would do. */
export function planErasure(identifier: string): Promise<ErasurePlan> {
  return answer(api.subjects.plan.$post({ json: { identifier } }));
}

export function eraseSubject(identifier: string): Promise<Erased> {
  return answer(api.subjects.erase.$post({ json: { identifier, confirm: identifier } }));
}

/** Has the browser save everything kept of a person, as a zip file. */
export async function exportSubject(identifier: string): Promise<void> {
  const response = await api.subjects.export.$post({ json: { identifier } });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = "person.zip";
  link.click();
  URL.revokeObjectURL(address);
}
