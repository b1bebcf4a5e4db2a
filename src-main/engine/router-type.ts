/** The type of the contract's procedures, apart from their code: shells need the type only. */
import { implement } from '@orpc/server';
import { contract } from '../contract/api.ts';

/** Which screen asks, where the shell tells them apart. */
export interface ScreenContext {
  screen?: string;
}

const os = implement(contract).$context<ScreenContext>();
export type Router = ReturnType<typeof os.router>;
