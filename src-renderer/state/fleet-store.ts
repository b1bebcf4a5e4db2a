/** Other machines as the screens show them: the queue that is used, and what its machines do. */
import { create } from 'zustand';
import type { FleetEvent, QueueSetting } from '../../src-main/contract/fleet.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';

interface FleetStore {
  /** null until it was asked for. */
  setting: QueueSetting | null;
  settingError: PlainError | null;
  /** The newest; null before the first. */
  event: FleetEvent | null;
}

export const useFleet = create<FleetStore>()(() => ({ setting: null, settingError: null, event: null }));
