/** The keys, from the list that the key handler itself uses. */
import { commands } from '../app/commands.ts';
import { useApp } from '../state/app-store.ts';
import { Dialog } from '../ui/dialog.tsx';

const groups = ['Findings', 'View', 'Run', 'Window'] as const;

export function KeysDialog() {
  const open = useApp((state) => state.dialog === 'keys');
  const setDialog = useApp((state) => state.setDialog);
  return (
    <Dialog title="Keys" open={open} onClose={() => setDialog(null)}>
      <div className="keys">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3 className="section-title">{group}</h3>
            <dl>
              {commands
                .filter((command) => command.group === group && command.label !== '')
                .map((command) => (
                  <div key={command.id}>
                    <dt>{command.label}</dt>
                    <dd>
                      <span className="kbd">{command.shown}</span>
                    </dd>
                  </div>
                ))}
              {group === 'View' && (
                <>
                  <div>
                    <dt>Hold to see the bare image</dt>
                    <dd>
                      <span className="kbd">Space</span>
                    </dd>
                  </div>
                  <div>
                    <dt>Inspect the tile under the pointer</dt>
                    <dd>
                      <span className="kbd">Alt</span> click
                    </dd>
                  </div>
                </>
              )}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
