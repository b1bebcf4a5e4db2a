/** The command line as it is, and it says at which step its run is. */
import { markSteps } from './step-marks.ts';

markSteps();
await import('../../../src-main/cli/main.ts');
