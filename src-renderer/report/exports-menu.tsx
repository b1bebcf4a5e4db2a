/** What can be taken out of a run, and brought back. */
import { Menu } from '@base-ui/react/menu';
import { Download, FilePenLine, FileText, Grid3x3, Table2, Upload } from 'lucide-react';
import { exportFormats, exportFormatWords } from '../../src-main/contract/export-formats.ts';
import { commandOf } from '../app/commands/registry.ts';
import { useController } from '../app/controller-context.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { words } from '../words/words.ts';

const groups = [
  { group: 'report', title: words.report.report, icon: FileText },
  { group: 'findings', title: words.report.findings, icon: Table2 },
  { group: 'pictures', title: words.report.pictures, icon: Grid3x3 },
] as const;

export function ExportsMenu() {
  const controller = useController();
  const run = useCase(selectedRun);
  const isOpen = useCase(({ caseView }) => caseView !== null);
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={!isOpen}>
        <Download aria-hidden />
        {words.report.export}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            {groups.map(({ group, title, icon: Icon }) => (
              <Menu.Group key={group}>
                <Menu.GroupLabel className="menu-group">{title}</Menu.GroupLabel>
                {group === 'report' && (
                  <Menu.Item
                    className="menu-item"
                    disabled={run === null}
                    onClick={() => void commandOf('report').run(controller)}
                  >
                    <FilePenLine aria-hidden />
                    <span>
                      {words.report.composeAReport}
                      <span className="menu-hint">{words.report.chooseSectionsHeaderLogoAndComments}</span>
                    </span>
                  </Menu.Item>
                )}
                {exportFormats
                  .filter((format) => exportFormatWords[format].group === group)
                  .map((format) => {
                    const { label, hint } = exportFormatWords[format];
                    return (
                      <Menu.Item
                        key={format}
                        className="menu-item"
                        disabled={run === null}
                        onClick={() => void commandOf(`export-${format}`).run(controller)}
                      >
                        <Icon aria-hidden />
                        <span>
                          {label}
                          <span className="menu-hint">{hint}</span>
                        </span>
                      </Menu.Item>
                    );
                  })}
              </Menu.Group>
            ))}
            <Menu.Separator className="menu-separator" />
            <Menu.Item className="menu-item" onClick={() => void commandOf('import-results').run(controller)}>
              <Upload aria-hidden />
              <span>
                {words.report.importResults}
                <span className="menu-hint">{words.report.decisionsOutOfQupathOrAGis}</span>
              </span>
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
