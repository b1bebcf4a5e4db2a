/** What is drawn: tools, classes, and a list of all annotations, which stands for what the image shows. */
import { Crosshair, Trash2, Undo2, Upload } from 'lucide-react';
import type { CaseView } from '../../src-main/contract/api.ts';
import { CommandAction } from '../app/command-action.tsx';
import { useController } from '../app/controller-context.ts';
import { classesOf, selectedAnnotation, useAnnotations } from '../state/annotation-store.ts';
import { IconButton } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { Empty } from '../ui/messages.tsx';
import { useLonLat } from '../viewer/projection.ts';
import { keepAnnotations, removeAnnotation, showAnnotation } from './annotation-actions.ts';
import { ClassSelect } from './class-select.tsx';
import { DrawingTools } from './drawing-tools.tsx';
import { HandleMover } from './handle-mover.tsx';
import { measureWords } from './measure.ts';
import { words } from '../words/words.ts';

export function AnnotationsPanel({ caseView }: { caseView: CaseView }) {
  const controller = useController();
  const { image } = caseView;
  const lonLat = useLonLat(image);
  const items = useAnnotations((state) => state.items);
  const drawing = useAnnotations((state) => state.drawing);
  const selected = useAnnotations((state) => state.selected);
  const removed = useAnnotations((state) => state.removed);
  const classes = classesOf(items);
  return (
    <div className="annotations">
      <div className="annotations-head">
        <DrawingTools orientation="horizontal" />
        <ClassSelect
          label={words.annotations.drawAs}
          value={drawing}
          classes={classes}
          onChange={(next) => useAnnotations.setState({ drawing: next })}
        />
        <div className="annotations-buttons">
          <CommandAction id="annotate-view" size="small" showsKey={false}>
            <Crosshair aria-hidden />
            {words.annotations.markTheView}
          </CommandAction>
          <CommandAction id="import-annotations" size="small">
            <Upload aria-hidden />
            {words.annotations.importGeojson}
          </CommandAction>
          {removed.length > 0 && (
            <CommandAction id="restore-annotation" size="small">
              <Undo2 aria-hidden />
              {words.annotations.putBack}
            </CommandAction>
          )}
        </div>
      </div>
      {items.length === 0 ? (
        <Empty icon={Crosshair} title={words.annotations.nothingDrawnYet}>
          <p>{words.annotations.chooseAToolAndDrawOnTheImage}</p>
        </Empty>
      ) : (
        <ul className="annotation-list scroll" aria-label={words.annotations.annotations}>
          {items.map((item) => (
            <li key={item.id} className={item.id === selected ? 'annotation-row-selected' : ''}>
              <button
                type="button"
                className="annotation-row"
                aria-pressed={item.id === selected}
                onClick={() => showAnnotation(item.id)}
              >
                <span className="swatch" style={{ background: `rgb(${item.color.join(' ')})` }} />
                <span className="annotation-name">
                  {item.name === '' ? item.className : `${item.name} (${item.className})`}
                </span>
                <span className="numeric">{measureWords(item, image, lonLat)}</span>
                <span className="finding-meta">
                  {item.kind}, {item.author}, {moment(item.changedAt)}
                </span>
              </button>
              <IconButton
                label={words.annotations.remove(item.name === '' ? item.className : item.name)}
                size="small"
                side="left"
                onClick={() => void removeAnnotation(controller, item.id)}
              >
                <Trash2 aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <SelectedAnnotation />
    </div>
  );
}

function SelectedAnnotation() {
  const controller = useController();
  const items = useAnnotations((state) => state.items);
  const annotation = useAnnotations(selectedAnnotation);
  if (annotation === null) return null;
  return (
    <section className="finding-detail" aria-label={words.annotations.selectedAnnotation}>
      <ClassSelect
        label={words.annotations.class}
        value={{ name: annotation.className, color: annotation.color }}
        classes={classesOf(items)}
        onChange={({ name, color }) =>
          void keepAnnotations(controller, [{ ...annotation, className: name, color: [...color] }])
        }
      />
      <label className="field">
        <span className="label">{words.annotations.name}</span>
        <input
          key={annotation.id}
          className="input"
          defaultValue={annotation.name}
          maxLength={200}
          onBlur={(event) => {
            const name = event.target.value.trim();
            if (name !== annotation.name) void keepAnnotations(controller, [{ ...annotation, name }]);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      </label>
      <HandleMover key={`handles ${annotation.id}`} annotation={annotation} />
      <p className="field-hint">{words.annotations.dragItsHandlesToChangeItOrPress}</p>
    </section>
  );
}
