/** The type of the contract's procedures, apart from their code: shells need the type only. */
import { implement } from '@orpc/server';
import { contract } from '../contract/api.ts';

const os = implement(contract);
export type Router = ReturnType<typeof os.router>;
