import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { Problem } from "../../api/problem.ts";
import { signIn } from "../../api/session.ts";
import type { Login } from "../../api/types.ts";
import { useProblemWords } from "../../components/use-problem-words.ts";
import { signInWords } from "../../i18n/sign-in.ts";
import { useWords } from "../../i18n/words.ts";

export function PasswordForm({ login, from }: { login: Login; from: string }) {
  const t = useWords(signInWords);
  const problemWords = useProblemWords();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const given = email.trim();
      await signIn(given ? { email: given, password } : { password });
      navigate(from, { replace: true });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  function wordsFor(failure: unknown): string {
    if (failure instanceof Problem && failure.status === 429) return t("tooMany", { count: failure.retryAfter ?? 60 });
    if (failure instanceof Problem && (failure.status === 401 || failure.status === 422)) return t("wrong");
    return problemWords(failure).title;
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        {login.email && (
          <TextInput
            label={login.password ? t("emailOptional") : t("email")}
            type="email"
            autoComplete="username"
            required={!login.password}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label={t("password")}
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {error !== null && (
          <Alert color="red" variant="default" role="alert">
            {wordsFor(error)}
          </Alert>
        )}
        <Button type="submit" loading={busy} fullWidth>
          {t("submit")}
        </Button>
      </Stack>
    </form>
  );
}
