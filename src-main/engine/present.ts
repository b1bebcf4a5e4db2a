/** A screen says what it shows: the shell is told it in its own terms, with paths, which screens never hold. */
import type { Presentation } from '../contract/screen.ts';
import type { CaseLibrary } from './case-library.ts';
import type { ScreenContext } from './router-type.ts';
import type { ShellServices } from './shell.ts';

/** @throws {GigatileError} file-not-found where the case is not open */
export function present(
  shell: ShellServices,
  cases: CaseLibrary,
  { screen }: ScreenContext,
  { caseId, commands }: Presentation,
): void {
  if (shell.present === undefined || screen === undefined) return;
  const session = caseId === null ? null : cases.get(caseId);
  const file =
    session === null
      ? null
      : { name: session.image.name, image: session.image.path, case: session.file.path };
  shell.present(screen, { file, commands });
}
