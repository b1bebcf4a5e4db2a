/**
 * Must be imported before the contract: zod compiles its checks with `new Function` where it may, and asks by trying, which the
 * content security policy reports as a violation.
 */
import { config } from 'zod';

config({ jitless: true });
