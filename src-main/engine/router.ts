/** The contract's procedures over an engine. */
import { implement } from '@orpc/server';
import { contract } from '../contract/api.ts';

export const os = implement(contract);
export type Router = ReturnType<typeof os.router>;
