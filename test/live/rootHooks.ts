import { allGone } from "./namespace";

/** What mocha does around all tests of a process. */
export const mochaHooks = {
    afterAll: allGone,
};
