/** One model to choose, in a group of radio buttons whose values are keys of models: what it does, at what resolution, its limits and licence. */
import { Radio } from '@base-ui/react/radio';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelCard } from '../../src-main/contract/model.ts';
import { useController } from '../app/controller-context.ts';
import { Button } from '../ui/button.tsx';
import { Disclosure } from '../ui/disclosure.tsx';
import { keyOf } from './model-key.ts';
import { misfits, resolutionWords, taskWords } from './model-fit.ts';
import { words } from '../words/words.ts';

interface ModelCardProps {
  card: ModelCard;
  /** null: many images, of which each is checked when its turn has come. */
  image: ImageInfo | null;
  chosen: boolean;
}

export function ModelCardView({ card, image, chosen }: ModelCardProps) {
  const controller = useController();
  const { manifest, fileId } = card;
  const article = useRef<HTMLElement>(null);
  // One that was just added stands at the end of the list.
  useEffect(() => {
    if (chosen) article.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const reasons = image === null ? [] : misfits(manifest, image);
  return (
    <article
      ref={article}
      className={`model-card ${chosen ? 'model-chosen' : ''} ${reasons.length > 0 ? 'model-misfit' : ''}`}
    >
      <Radio.Root value={keyOf(card)} nativeButton render={<button type="button" className="model-choose" />}>
        <span className="model-radio" aria-hidden />
        <span className="model-text">
          <span className="model-name">{manifest.name}</span>
          <span className="model-meta">
            {taskWords(manifest.task)} · {resolutionWords(manifest)} · v{manifest.version}
          </span>
          <span className="model-description">{manifest.description}</span>
          <span className="model-classes">
            {manifest.classes.map((item) => (
              <span key={item.name} className="model-class">
                <span className="swatch" style={{ background: `rgb(${item.color.join(' ')})` }} />
                {item.name}
              </span>
            ))}
          </span>
        </span>
      </Radio.Root>
      {reasons.length > 0 && (
        <ul className="model-reasons">
          {reasons.map((reason) => (
            <li key={reason}>
              <TriangleAlert aria-hidden />
              {reason}
            </li>
          ))}
        </ul>
      )}
      <Disclosure label={words.runs.limitsLicenceSources} bodyClassName="model-details">
        <h3>{words.runs.knownLimits}</h3>
        {manifest.limits.length === 0 ? (
          <p>{words.runs.itsMakerStatesNoneThatIsNoPromise}</p>
        ) : (
          <ul className="bullets">
            {manifest.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        )}
        <dl className="facts">
          <dt>{words.runs.licence}</dt>
          <dd>{manifest.license}</dd>
          <dt>{words.runs.input}</dt>
          <dd>
            {words.runs.tilesOfPx(
              manifest.input.bands.join(', '),
              manifest.input.tileSize,
              manifest.input.fixedSize ? ' (fixed)' : '',
            )}
          </dd>
          <dt>{words.runs.sha256}</dt>
          <dd className="mono">{card.sha256.map((hash) => hash.slice(0, 16)).join(', ')}…</dd>
        </dl>
        <Sources readFrom={card.readFrom} />
        {fileId !== undefined && (
          <Button size="small" tone="quiet" onClick={() => void controller.forgetModel(fileId)}>
            {words.runs.takeItOffTheList}
          </Button>
        )}
        {manifest.references.length > 0 && (
          <>
            <h3>{words.runs.sources}</h3>
            <ul className="bullets">
              {manifest.references.map((reference) => (
                <li key={reference}>{reference}</li>
              ))}
            </ul>
          </>
        )}
      </Disclosure>
    </article>
  );
}

/** Where each fact was read, of a model that is not described by its own gigatile.json alone. */
function Sources({ readFrom }: { readFrom: ModelCard['readFrom'] }) {
  const facts = Object.entries(readFrom);
  if (facts.every(([, source]) => source === 'gigatile.json')) return null;
  return (
    <>
      <h3>{words.runs.readFrom}</h3>
      <dl className="facts">
        {facts.map(([fact, source]) => (
          <div key={fact} className="contents">
            <dt>{fact}</dt>
            <dd>{source}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
