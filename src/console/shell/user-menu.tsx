import { Group, type MantineColorScheme, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUser, type TablerIcon } from "@tabler/icons-react";
import { signOut, useSession } from "../api/session.ts";
import { useNotify } from "../components/notify.tsx";
import { type Language, languages, useLanguage } from "../i18n/language.tsx";
import { shellWords } from "../i18n/shell.ts";
import { useWords } from "../i18n/words.ts";
import classes from "./shell.module.css";

const schemes: { scheme: "light" | "dark" | "auto"; Icon: TablerIcon }[] = [
  { scheme: "light", Icon: IconSun },
  { scheme: "dark", Icon: IconMoon },
  { scheme: "auto", Icon: IconDeviceDesktop },
];

export function UserMenu() {
  const t = useWords(shellWords);
  const notify = useNotify();
  const { person } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { language, choose } = useLanguage();
  const name = person?.name ?? "Leadkeep";
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton aria-label={t("account", { name })} className={classes.account}>
          <IconUser size={19} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} truncate>
            <bdi>{name}</bdi>
          </Text>
          {person && <Text size="xs">{t(person.role)}</Text>}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t("appearance")}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          {schemes.map(({ scheme, Icon }) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              <Group gap="xs">
                <Icon size={17} aria-hidden /> {t(scheme)}
              </Group>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Label>{t("language")}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={(each) => choose(each as Language)}>
          {Object.entries(languages).map(([each, name]) => (
            <Menu.RadioItem key={each} value={each} lang={each}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={17} aria-hidden />} onClick={() => signOut().catch(notify.failed)}>
          {t("signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
