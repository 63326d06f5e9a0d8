/**
 * Makes @pulumi/policy start without all of @pulumi/pulumi, which it imports for two classes only: the Automation API, npm's
 * dependency resolver and the closure serializer would take half a second of every preview. Anything else that is asked of
 * the module loads it after all. To be imported before @pulumi/policy.
 */
const sdk = require.resolve("@pulumi/pulumi", { paths: [require.resolve("@pulumi/policy")] });

if (require.cache[sdk] === undefined) {
    const fromSdk = (name: string): unknown => module.require(require.resolve(name, { paths: [sdk] }));
    const loadAll = (): Record<PropertyKey, unknown> => {
        Reflect.deleteProperty(require.cache, sdk);
        return fromSdk("@pulumi/pulumi") as Record<PropertyKey, unknown>;
    };
    const lean: Record<PropertyKey, () => unknown> = {
        asset: () => fromSdk("@pulumi/pulumi/asset"),
        Output: () => (fromSdk("@pulumi/pulumi/output") as { Output: unknown }).Output,
    };
    require.cache[sdk] = Object.assign(Object.create(module) as NodeJS.Module, {
        id: sdk,
        filename: sdk,
        loaded: true,
        exports: new Proxy({}, { get: (_, name) => (lean[name] ?? (() => loadAll()[name]))() }),
    });
}

export {};
