/** Among a million findings the densest square takes seconds: the thread that looks for it, and ends with its answer. */
import { densestSquare, type SquareRequest } from './densest-square.ts';

addEventListener('message', ({ data }: MessageEvent<SquareRequest>) => {
  postMessage(densestSquare(data));
});
