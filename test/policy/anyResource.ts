import * as fc from "fast-check";

/** Keys that are special in JavaScript, and those that rules read. */
const keys = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "length",
    "apiVersion",
    "kind",
    "metadata",
    "annotations",
    "labels",
    "name",
    "namespace",
    "spec",
    "template",
    "podTemplate",
    "jobTemplate",
    "items",
    "replicas",
    "volumeClaimTemplates",
    "containers",
    "initContainers",
    "ephemeralContainers",
    "volumes",
    "volumeMounts",
    "volumeDevices",
    "mountPath",
    "subPath",
    "readOnly",
    "mountPropagation",
    "emptyDir",
    "medium",
    "sizeLimit",
    "hostPath",
    "path",
    "secret",
    "configMap",
    "persistentVolumeClaim",
    "resources",
    "limits",
    "requests",
    "overhead",
    "memory",
    "cpu",
    "ephemeral-storage",
    "restartPolicy",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "securityContext",
    "livenessProbe",
    "readinessProbe",
];

const types = [
    undefined,
    "",
    "kubernetes:",
    "aws:s3/bucket:Bucket",
    "kubernetes:core/v1:Pod",
    "kubernetes:core/v1:PodPatch",
    "kubernetes:core/v1:PodList",
    "kubernetes:core/v1:List",
    "kubernetes:core/v1:PodTemplate",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:JobList",
    "kubernetes:argoproj.io/v1alpha1:Rollout",
    "kubernetes:helm.sh/v3:Release",
];

const type = fc.constantFrom(...types);
const key = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: fc.string() });
const leaf = fc.oneof(
    fc.constantFrom(
        "",
        "a",
        "b",
        "Always",
        "Memory",
        "1Gi",
        "-1",
        "1e999999999999",
        "/a/b",
        "/a/../b",
        "Pod",
        "v1",
        "latest",
        null,
    ),
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(undefined),
);

/** Anything: wrong types everywhere, prototype keys, deep nesting. */
export const anyResource: fc.Arbitrary<{ type: string | undefined; props: unknown }> = fc.record({
    type,
    props: fc.oneof(
        fc.anything({
            key,
            maxDepth: 8,
            withBigInt: true,
            withNullPrototype: true,
            withSparseArray: true,
            withSet: true,
            withMap: true,
        }),
        fc.letrec<{ value: unknown }>((tie) => ({
            value: fc.oneof(
                { maxDepth: 9, withCrossShrink: true },
                leaf,
                fc.array(tie("value"), { maxLength: 4 }),
                fc.dictionary(key, tie("value"), { maxKeys: 6 }),
            ),
        })).value,
    ),
});

function sometimes(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    return fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: leaf }, { weight: 1, arbitrary: fc.anything() });
}

function object(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
    const arbitraries = Object.entries(fields).map(([name, value]) => [name, sometimes(value)] as const);
    return fc.record(Object.fromEntries(arbitraries), { requiredKeys: [] });
}

function list(item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    return fc.array(sometimes(item), { maxLength: 4 });
}

const name = fc.constantFrom("a", "b", "c", "logs", "constructor", "Not A Name");
const quantity = fc.constantFrom<unknown>(
    "0",
    "1",
    "100m",
    "128m",
    "64Mi",
    "1G",
    "1Gi",
    "8Ei",
    "-1",
    "1MB",
    "1e2147483647",
    0,
    0.5,
    1024,
);
const amounts = object({ cpu: quantity, memory: quantity, "ephemeral-storage": quantity });
const resources = object({ limits: amounts, requests: amounts });
const mountPath = fc.constantFrom("/", "/a", "/a/", "/a/b", "a", "/a/../b", "//a");
const mount = object({
    name,
    mountPath,
    subPath: fc.constantFrom("", "x", "../x"),
    subPathExpr: fc.constantFrom("$(POD)", "x"),
    readOnly: fc.boolean(),
    mountPropagation: fc.constantFrom("None", "HostToContainer", "Bidirectional"),
});
const volume = object({
    name,
    emptyDir: object({ medium: fc.constantFrom("", "Memory"), sizeLimit: quantity }),
    hostPath: object({ path: mountPath, type: fc.constantFrom("", "Directory") }),
    secret: object({ secretName: name, defaultMode: fc.constantFrom<unknown>(0o644, 0o400, 420, "0644") }),
    configMap: object({ name, items: list(object({ key: name, path: name, mode: fc.nat(600) })) }),
    persistentVolumeClaim: object({ claimName: name, readOnly: fc.boolean() }),
    projected: object({ sources: list(object({ secret: object({ name }) })) }),
});
const probe = object({ httpGet: object({ port: fc.nat(70000) }), exec: object({ command: list(fc.string()) }) });
const container = object({
    name,
    image: fc.constantFrom("nginx", "nginx:latest", "nginx:1.29", "registry:5000/nginx", "nginx@sha256:00"),
    imagePullPolicy: fc.constantFrom("Always", "IfNotPresent", "Never"),
    command: list(fc.constantFrom("sh", "/bin/bash", "-c", "while true; do sleep 30; done", "exec tail -F x")),
    args: list(fc.string()),
    restartPolicy: fc.constantFrom("Always", "Never"),
    resources,
    volumeMounts: list(mount),
    volumeDevices: list(object({ name, devicePath: mountPath })),
    securityContext: object({
        allowPrivilegeEscalation: fc.boolean(),
        privileged: fc.boolean(),
        runAsNonRoot: fc.boolean(),
    }),
    livenessProbe: probe,
    readinessProbe: probe,
    ports: list(object({ containerPort: fc.nat(70000) })),
});
const metadata = object({
    name,
    namespace: name,
    annotations: fc.dictionary(
        fc.constantFrom(
            "kubectl.kubernetes.io/default-container",
            "sidecars/network",
            "sidecars/exempt.memory-limit",
            "x",
        ),
        fc.oneof<fc.Arbitrary<unknown>[]>(name, fc.constantFrom("a,b", "because; until=2020-01-01", "because"), leaf),
    ),
});
const spec = object({
    containers: list(container),
    initContainers: list(container),
    ephemeralContainers: list(container),
    volumes: list(volume),
    resources,
    overhead: amounts,
    restartPolicy: fc.constantFrom("Always", "Never", "OnFailure"),
    securityContext: object({ runAsNonRoot: fc.boolean() }),
});
const template = object({ metadata, spec });

/** Nearly a pod, here and there with a field that is wrong or missing. */
export const podLike: fc.Arbitrary<{ type: string | undefined; props: unknown }> = fc.oneof(
    fc.record({
        type: fc.constantFrom("kubernetes:core/v1:Pod", "kubernetes:core/v1:PodPatch"),
        props: object({ metadata, spec }),
    }),
    fc.record({
        type: fc.constantFrom(
            "kubernetes:apps/v1:Deployment",
            "kubernetes:apps/v1:StatefulSet",
            "kubernetes:batch/v1:Job",
            "kubernetes:a.io/v1:Rollout",
        ),
        props: object({
            metadata,
            spec: object({
                replicas: fc.nat(3),
                template,
                volumeClaimTemplates: list(
                    object({ metadata, spec: object({ accessModes: list(fc.constant("ReadWriteOnce")) }) }),
                ),
            }),
        }),
    }),
    fc.record({
        type: fc.constant("kubernetes:batch/v1:CronJob"),
        props: object({ metadata, spec: object({ jobTemplate: object({ spec: object({ template }) }) }) }),
    }),
);
