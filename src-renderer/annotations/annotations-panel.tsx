/** What is drawn: tools, classes, and a list of all annotations, which stands for what the image shows. */
import { Crosshair, Undo2, Upload } from 'lucide-react';
import type { CaseView } from '../../src-main/contract/api.ts';
import { CommandAction } from '../app/command-action.tsx';
import { useController } from '../app/controller-context.ts';
import { classesOf, selectedAnnotation, useAnnotations } from '../state/annotation-store.ts';
import { Empty } from '../ui/messages.tsx';
import { keepAnnotations } from './annotation-actions.ts';
import { AnnotationList } from './annotation-list.tsx';
import { ClassSelect } from './class-select.tsx';
import { DrawingTools } from './drawing-tools.tsx';
import { HandleMover } from './handle-mover.tsx';
import { words } from '../words/words.ts';

export function AnnotationsPanel({ caseView }: { caseView: CaseView }) {
  const items = useAnnotations((state) => state.items);
  const drawing = useAnnotations((state) => state.drawing);
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
        <AnnotationList image={caseView.image} />
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
