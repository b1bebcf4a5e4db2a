/** Writes every export of a case's run in one process. Arguments: case, folder. */
import { startEngine } from '../../../src-main/cli/environment.ts';
import { writeAllExports } from '../../support/all-exports.ts';
import { mark } from './step-marks.ts';

const [casePath = '', out = ''] = process.argv.slice(2);
const engine = await startEngine();
try {
  const session = await engine.cases.openCase(casePath);
  mark('exports');
  await writeAllExports(engine, session, out);
} finally {
  await engine.close();
}
