// Before any test: the data plane and the bundles for node are built, once, so that no test waits for another's build.
import { buildRunner } from '../tools/runner.mjs';

export const setup = buildRunner;
