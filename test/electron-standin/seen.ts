/** What watch.cjs keeps of what the application did with Electron, for tests to read and to play on. */
export interface Seen {
  /** What was handed to the person's browser; nothing is opened. */
  openedExternally: string[];
  /** The handlers of the session, by the name of their setter. */
  sessionHandlers: Map<string, (...given: unknown[]) => unknown>;
  ipcHandlers: Map<string, (event: unknown, ...given: unknown[]) => unknown>;
  /** All that were shown; none reaches the desktop. */
  notifications: { title: string; body: string; emit(event: string): void }[];
  /** Kinds of those that are on, by their ids. */
  powerBlockers: Map<number, string>;
  recentDocuments: string[];
  /** What the taskbar was told last; -1 for nothing. */
  progress: number;
  /** Whether the graphics processor is left alone. */
  gpuIsOff: boolean;
  /** Title of the window that was brought to the front last, and how often one was. */
  front(): string | null;
  timesFocused: number;
  /** The person turns to another application, until a window is brought to the front. */
  leaveFocus(): void;
  /** The processes whose service names begin so die at once. Answers how many. */
  killUtility(serviceName: string): number;
}
