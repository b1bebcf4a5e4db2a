/** What can be taken out of a run. */
import { Menu } from '@base-ui/react/menu';
import { Download, FileText, Grid3x3, Table2 } from 'lucide-react';
import { exportFormats, exportFormatWords } from '../../src-main/contract/export-formats.ts';
import { useController } from '../app/controller-context.ts';
import { selectedRun, useCase } from '../state/case-store.ts';

const groups = [
  { group: 'report', title: 'Report', icon: FileText },
  { group: 'findings', title: 'Findings', icon: Table2 },
  { group: 'pictures', title: 'Pictures', icon: Grid3x3 },
] as const;

export function ExportsMenu() {
  const controller = useController();
  const run = useCase(selectedRun);
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={run === null}>
        <Download aria-hidden />
        Export
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            {groups.map(({ group, title, icon: Icon }) => (
              <Menu.Group key={group}>
                <Menu.GroupLabel className="menu-group">{title}</Menu.GroupLabel>
                {exportFormats
                  .filter((format) => exportFormatWords[format].group === group)
                  .map((format) => {
                    const { label, hint } = exportFormatWords[format];
                    return (
                      <Menu.Item
                        key={format}
                        className="menu-item"
                        onClick={() => void controller.exportRun(format, label)}
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
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
