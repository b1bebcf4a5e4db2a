/** How the open case is looked at: overlay, tools, selection, the panel. Nothing here is stored. */
import { create } from 'zustand';
import type { FindingView } from '../../src-main/contract/finding.ts';
import type { Rect } from '../../src-main/contract/run.ts';

export const panelTabs = ['run', 'findings', 'tiles'] as const;
export type PanelTab = (typeof panelTabs)[number];
export type Tool = 'move' | 'inspect';
export type VerdictFilter = 'all' | 'undecided' | 'accepted' | 'rejected';

export interface SelectedFinding {
  finding: FindingView;
  /** Place in the list as it is filtered now; null where it is not in it. */
  position: number | null;
}

interface ViewState {
  threshold: number;
  showTiles: boolean;
  showFindings: boolean;
  /** 0-1. */
  tileOpacity: number;
  /** Overlays hidden while a key is held. */
  peeking: boolean;
  tool: Tool;
  tab: PanelTab;
  verdictFilter: VerdictFilter;
  selectedTile: number | null;
  selectedFinding: SelectedFinding | null;
  /** The screen is choosing a model for a new run. */
  choosingModel: boolean;
  /** Where the viewer is asked to go; the counter tells two equal wishes apart. */
  flyTo: { rect: Rect; count: number } | null;
  set: (values: Partial<Omit<ViewState, 'set' | 'fly'>>) => void;
  fly: (rect: Rect) => void;
}

const initial = {
  threshold: 0.5,
  showTiles: true,
  showFindings: true,
  tileOpacity: 0.55,
  peeking: false,
  tool: 'move',
  tab: 'run',
  verdictFilter: 'all',
  selectedTile: null,
  selectedFinding: null,
  choosingModel: false,
  flyTo: null,
} as const satisfies Partial<ViewState>;

export const useView = create<ViewState>()((set) => ({
  ...initial,
  set: (values) => set(values),
  fly: (rect) => set((state) => ({ flyTo: { rect, count: (state.flyTo?.count ?? 0) + 1 } })),
}));

/** A case was opened or left. Opacity and what is shown stay as the person had them. */
export function resetView(): void {
  const { tileOpacity, showTiles, showFindings } = useView.getState();
  useView.setState({ ...initial, tileOpacity, showTiles, showFindings });
}
