/** All that is drawn, which stands for what the image shows. Imports hold thousands: only the rows in sight are drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { AnnotationView } from '../../src-main/contract/annotation.ts';
import type { CaseView } from '../../src-main/contract/api.ts';
import { useController } from '../app/controller-context.ts';
import { useAnnotations } from '../state/annotation-store.ts';
import { IconButton } from '../ui/button.tsx';
import { moment } from '../ui/format.ts';
import { useLonLat, type LonLatOf } from '../viewer/projection.ts';
import { removeAnnotation, showAnnotation } from './annotation-actions.ts';
import { measureWords } from './measure.ts';
import { words } from '../words/words.ts';

/** Of two lines of text, before it is measured. */
const rowHeight = 52;

export function AnnotationList({ image }: { image: CaseView['image'] }) {
  const lonLat = useLonLat(image);
  const items = useAnnotations((state) => state.items);
  const selected = useAnnotations((state) => state.selected);
  const scroller = useRef<HTMLDivElement>(null);
  // The React compiler is not used here, so that its caution about this hook does not apply.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (at) => items[at]?.id ?? at,
    overscan: 6,
  });
  const at = items.findIndex(({ id }) => id === selected);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' });
  }, [at, rows]);
  return (
    <div ref={scroller} className="annotation-list scroll">
      <ul aria-label={words.annotations.annotations} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const item = items[index];
          return (
            item !== undefined && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-setsize={items.length}
                aria-posinset={index + 1}
                className={index === at ? 'annotation-row-selected' : ''}
                style={{ transform: `translateY(${start}px)` }}
              >
                <Row item={item} isSelected={index === at} image={image} lonLat={lonLat} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

interface RowProps {
  item: AnnotationView;
  isSelected: boolean;
  image: CaseView['image'];
  lonLat: LonLatOf | null;
}

function Row({ item, isSelected, image, lonLat }: RowProps) {
  const controller = useController();
  return (
    <>
      <button
        type="button"
        className="annotation-row"
        aria-pressed={isSelected}
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
    </>
  );
}
