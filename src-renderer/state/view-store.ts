/** How the open case is looked at: overlay, tools, selection, the panel. Nothing here is stored. */
import { create } from 'zustand';
import type { FindingList } from '../../src-main/contract/decision.ts';
import type { FindingView } from '../../src-main/contract/finding.ts';
import type { Rect } from '../../src-main/contract/run.ts';

export const panelTabs = ['run', 'findings', 'tiles', 'annotations'] as const;
export type PanelTab = (typeof panelTabs)[number];
export const drawingTools = ['rectangle', 'ellipse', 'polygon', 'freehand', 'point', 'ruler'] as const;
export type DrawingTool = (typeof drawingTools)[number];
export type Tool = 'move' | 'inspect' | DrawingTool;
/** null for the tools that draw nothing. */
export function drawingToolOf(tool: Tool): DrawingTool | null {
  return drawingTools.find((name) => name === tool) ?? null;
}

export type VerdictFilter = NonNullable<FindingList['verdict']>;
export type FindingSort = NonNullable<FindingList['sort']>;

/** What the list of findings shows beside the threshold. */
export interface ListChoice {
  sort: FindingSort;
  reverse: boolean;
  /** Indexes of classes; null: all. */
  classes: readonly number[] | null;
  /** Highest score. */
  highest: number;
  /** Findings decided by this reviewer; null: by anyone. */
  reviewer: string | null;
}

export const wholeList: ListChoice = {
  sort: 'score',
  reverse: false,
  classes: null,
  highest: 1,
  reviewer: null,
};

export interface SelectedFinding {
  finding: FindingView;
  /** Place in the list as it is filtered now; null where it is not in it. */
  position: number | null;
}

interface ViewState {
  threshold: number;
  showTiles: boolean;
  showFindings: boolean;
  showAnnotations: boolean;
  /** 0-1. */
  tileOpacity: number;
  /** Close to the full resolution, tiles keep their borders and give the tissue free. */
  fadeTiles: boolean;
  /** Overlays hidden while a key is held. */
  peeking: boolean;
  tool: Tool;
  tab: PanelTab;
  verdictFilter: VerdictFilter;
  list: ListChoice;
  /** Scores stay hidden until a finding is decided. */
  blind: boolean;
  /** Decisions of other reviewers stay hidden. */
  secondReader: boolean;
  /** A note on the selected finding is being written. */
  noteOpen: boolean;
  /** What was looked at is shown on the overview. */
  showCoverage: boolean;
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
  showAnnotations: true,
  tileOpacity: 0.55,
  fadeTiles: true,
  peeking: false,
  tool: 'move',
  tab: 'run',
  verdictFilter: 'all',
  list: wholeList,
  blind: false,
  secondReader: false,
  noteOpen: false,
  showCoverage: true,
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
  const { tileOpacity, fadeTiles, showTiles, showFindings, blind, secondReader, showCoverage } =
    useView.getState();
  useView.setState({
    ...initial,
    tileOpacity,
    fadeTiles,
    showTiles,
    showFindings,
    blind,
    secondReader,
    showCoverage,
  });
}
