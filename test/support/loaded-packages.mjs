// For NODE_OPTIONS=--import: writes down every package that is loaded, by whichever process, into the file of GIGATILE_TEST_LOADED.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(found.url)?.[1];
    if (name !== undefined) appendFileSync(process.env.GIGATILE_TEST_LOADED, `${name}\n`);
    return found;
  },
});
