/** How strong the tiles' colours are, in any legend that has them. */
import { useView } from '../state/view-store.ts';
import { Slider } from '../ui/slider.tsx';
import { words } from '../words/words.ts';

export function OpacitySlider() {
  const opacity = useView((state) => state.tileOpacity);
  const set = useView((state) => state.set);
  return (
    <Slider
      label={words.overlay.opacity}
      value={opacity}
      min={0}
      max={1}
      step={0.01}
      format={(value) => `${Math.round(value * 100)} %`}
      onChange={(tileOpacity) => set({ tileOpacity, showTiles: true })}
    />
  );
}
