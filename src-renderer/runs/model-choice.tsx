/** The models to choose from, as cards: one of them for the whole window. */
import { RadioGroup } from '@base-ui/react/radio-group';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelCard } from '../../src-main/contract/model.ts';
import { useApp } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import { ErrorNote, Skeleton } from '../ui/messages.tsx';
import { AddModelButton } from './add-model.tsx';
import { ModelCardView } from './model-card.tsx';
import { keyOf } from './model-key.ts';
import { words } from '../words/words.ts';

interface ModelChoiceProps {
  /** Of what was read, those that can be chosen; null: nothing was read yet. */
  models: readonly ModelCard[] | null;
  /** null: many images, of which each is checked when its turn has come. */
  image: ImageInfo | null;
  onChoose: () => void;
}

export function ModelChoice({ models, image, onChoose }: ModelChoiceProps) {
  const error = useCase((state) => state.modelsError);
  const chosen = useApp((state) => state.chosenModel);
  return (
    <>
      {error !== null && <ErrorNote title={words.runs.theModelsCouldNotBeRead} error={error} />}
      {models === null && error === null && <Skeleton rows={3} height={96} />}
      <RadioGroup
        aria-label={words.runs.models}
        className="model-cards"
        value={chosen}
        onValueChange={(chosenModel) => {
          useApp.setState({ chosenModel });
          onChoose();
        }}
      >
        {models?.map((card) => (
          <ModelCardView key={keyOf(card)} card={card} image={image} chosen={keyOf(card) === chosen} />
        ))}
      </RadioGroup>
      <div className="picker-add">
        <AddModelButton />
      </div>
    </>
  );
}
