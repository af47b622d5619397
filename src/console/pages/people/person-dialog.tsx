import { Modal } from "@mantine/core";
import { useState } from "react";
import type { Person } from "../../api/types.ts";
import { common } from "../../i18n/common.ts";
import { peopleWords } from "../../i18n/people.ts";
import { useWords } from "../../i18n/words.ts";
import { PersonAdded } from "./person-added.tsx";
import { PersonForm } from "./person-form.tsx";

/** Adds a person, and then shows once what they need to sign in; or edits one. `person`: null when closed. */
export function PersonDialog({ person, close }: { person: Person | "new" | null; close: () => void }) {
  const t = useWords(peopleWords);
  const tCommon = useWords(common);
  const [added, setAdded] = useState<{ person: Person; password: string } | null>(null);
  const title = added
    ? t("added", { name: added.person.name })
    : person === "new" || person === null
      ? t("addTitle")
      : t("editTitle", { name: person.name });
  function leave(): void {
    setAdded(null);
    close();
  }
  return (
    <Modal
      opened={person !== null}
      onClose={leave}
      title={title}
      // The password is shown once: a click beside the dialog must not lose it.
      closeOnClickOutside={added === null}
      closeOnEscape={added === null}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      {added ? (
        <PersonAdded {...added} close={leave} />
      ) : (
        person !== null && (
          <PersonForm
            person={person === "new" ? null : person}
            close={leave}
            onAdded={(one, password) => setAdded({ person: one, password })}
          />
        )
      )}
    </Modal>
  );
}
