/**
 * Lets Node run the program's TypeScript as it stands: types are taken out, not checked, in a tenth of a second and without a cache.
 * A dynamic import stays one, because what it loads may be an ES module.
 */
process.env.SUCRASE_OPTIONS ??= JSON.stringify({ preserveDynamicImport: true });
require("sucrase/register/ts");
