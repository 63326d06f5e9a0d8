/**
 * What Node loads before the program, so that it starts fast.
 *
 * TypeScript runs as it stands: types are taken out, not checked, in a tenth of a second and without a cache. A dynamic import
 * stays one, because what it loads may be an ES module.
 */
process.env.SUCRASE_OPTIONS ??= JSON.stringify({ preserveDynamicImport: true });
require("sucrase/register/ts");

/**
 * Two thirds of what @pulumi/pulumi loads serve programs that serialize functions: the TypeScript compiler, and npm's dependency
 * resolver. They are loaded on their first use, which most programs never come to.
 */
const sdk = require.resolve("@pulumi/pulumi");
for (const name of ["@pulumi/pulumi/typescript-shim", "@npmcli/arborist"]) {
    const file = require.resolve(name, { paths: [sdk] });
    let loaded;
    const load = () => {
        if (loaded === undefined) {
            delete require.cache[file];
            loaded = require(file);
        }
        return loaded;
    };
    const onFirstUse = {
        // `__esModule` keeps an importing module from reading all names, which would load them.
        get: (_, key) => key === "__esModule" || (key === "default" ? (load().default ?? load()) : load()[key]),
    };
    require.cache[file] = Object.assign(Object.create(module), {
        id: file,
        filename: file,
        loaded: true,
        exports: new Proxy({}, onFirstUse),
    });
}
