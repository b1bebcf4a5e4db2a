/** The window: one of the screens, dialogs, notices, and what holds everywhere (theme, keys, dropped files). */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { useEffect } from 'react';
import { BatchScreen } from '../batches/batch-screen.tsx';
import { NewBatchScreen } from '../batches/new-batch-screen.tsx';
import { CaseDialog } from '../case-file/case-dialog.tsx';
import { MachinesDialog } from '../machines/machines-dialog.tsx';
import { DoctorDialog } from '../settings/doctor-dialog.tsx';
import { KeysDialog } from '../settings/keys-dialog.tsx';
import { LicencesDialog } from '../settings/licences-dialog.tsx';
import { ReportComposer } from '../report/report-composer.tsx';
import { ProblemDialog } from '../settings/problem-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { useApp } from '../state/app-store.ts';
import { usePreferences } from '../state/preferences.ts';
import type { Controller } from '../state/controller.ts';
import { Waiting } from '../ui/messages.tsx';
import { Notices } from '../ui/notices.tsx';
import { ModelFormDialog } from '../runs/model-form.tsx';
import { RerunDialog } from '../runs/rerun-dialog.tsx';
import { BrowseDialog } from './browse-dialog.tsx';
import { CommandPalette } from './command-palette.tsx';
import { CaseScreen } from './case-screen.tsx';
import { ControllerContext } from './controller-context.ts';
import { DropZone } from './drop-zone.tsx';
import { HomeScreen } from './home-screen.tsx';
import { LinkBanner } from './link-banner.tsx';
import { NoticesDialog } from './notices-dialog.tsx';
import { followShell, presentToShell } from './shell-link.ts';
import { useKeys } from './use-keys.ts';
import { words } from '../words/words.ts';

export function App({ controller }: { controller: Controller }) {
  return (
    <ControllerContext value={controller}>
      <CSPProvider disableStyleElements>
        <Tooltip.Provider delay={500}>
          <Window controller={controller} />
        </Tooltip.Provider>
      </CSPProvider>
    </ControllerContext>
  );
}

function Window({ controller }: { controller: Controller }) {
  const screen = useApp((state) => state.screen);
  const link = useApp((state) => state.link);
  useTheme();
  useKeys(controller);
  useEffect(() => followShell(controller), [controller]);
  useEffect(() => presentToShell(controller), [controller]);
  return (
    <>
      <LinkBanner />
      {link === 'connecting' ? (
        <main className="whole">
          <Waiting label={words.app.connectingToTheEngine} />
        </main>
      ) : screen.at === 'case' ? (
        <CaseScreen />
      ) : screen.at === 'opening' ? (
        <main className="whole">
          <Waiting label={words.app.nameOpening(screen.name)} />
        </main>
      ) : screen.at === 'new-batch' ? (
        <NewBatchScreen />
      ) : screen.at === 'batch' ? (
        <BatchScreen batchId={screen.batchId} />
      ) : (
        <HomeScreen />
      )}
      <DropZone />
      <BrowseDialog />
      <ModelFormDialog />
      <RerunDialog />
      <ReportComposer />
      <CaseDialog />
      <MachinesDialog />
      <DoctorDialog />
      <ProblemDialog />
      <LicencesDialog />
      <SettingsDialog />
      <KeysDialog />
      <NoticesDialog />
      <CommandPalette />
      <Notices />
    </>
  );
}

/** Puts the chosen theme, or the system's, on the page. */
function useTheme(): void {
  const theme = usePreferences((state) => state.theme);
  useEffect(() => {
    const light = window.matchMedia('(prefers-color-scheme: light)');
    const apply = () => {
      document.documentElement.dataset['theme'] =
        theme === 'system' ? (light.matches ? 'light' : 'dark') : theme;
    };
    apply();
    light.addEventListener('change', apply);
    return () => light.removeEventListener('change', apply);
  }, [theme]);
}
