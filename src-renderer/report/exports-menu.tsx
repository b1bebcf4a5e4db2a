/** What can be taken out of a run. */
import { Menu } from '@base-ui/react/menu';
import { Download, FileJson, FileSpreadsheet, FileText, Grid3x3, SquareDashed } from 'lucide-react';
import type { ExportFormat } from '../../src-main/contract/api.ts';
import { useController } from '../app/controller-context.ts';
import { selectedRun, useCase } from '../state/case-store.ts';

const entries = [
  {
    format: 'html',
    label: 'Report',
    hint: 'HTML, one file, with pictures and what is missing',
    icon: FileText,
  },
  {
    format: 'geojson',
    label: 'GeoJSON',
    hint: 'Findings and decisions, for QuPath or a GIS',
    icon: FileJson,
  },
  { format: 'csv', label: 'CSV', hint: 'One line a finding, for a spreadsheet', icon: FileSpreadsheet },
  { format: 'coco', label: 'COCO', hint: 'Boxes as a data set', icon: SquareDashed },
  { format: 'heatmap', label: 'Heatmap', hint: 'One pixel a tile', icon: Grid3x3 },
] as const satisfies readonly { format: ExportFormat; label: string; hint: string; icon: unknown }[];

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
            {entries.map(({ format, label, hint, icon: Icon }) => (
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
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
