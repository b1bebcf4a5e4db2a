// For NODE_OPTIONS=--import: makes one package fail to load, as a broken installation does. Reaches every worker process too.
import { registerHooks } from 'node:module';

const missing = process.env.GIGATILE_TEST_WITHOUT;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === missing) throw new Error(`cannot open shared object file of ${specifier}`);
    return next(specifier, context);
  },
});
