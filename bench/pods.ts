/** A pod of two containers that share a volume, as the documents have it; of ten pods one container has no memory limit. */
export function podManifest(number: number): object {
    const resources = {
        requests: { cpu: "10m", memory: "16Mi" },
        limits: {
            cpu: "100m",
            "ephemeral-storage": "64Mi",
            ...(number % 10 === 0 ? {} : { memory: `${64 + (number % 64)}Mi` }),
        },
    };
    const mount = { name: "shared-logs", mountPath: "/var/log/nginx" };
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `webserver-${number}`, namespace: `team-${number % 20}`, labels: { app: "nginx" } },
        spec: {
            containers: [
                {
                    name: "nginx",
                    image: "nginx:1.25",
                    ports: [{ containerPort: 80 }],
                    volumeMounts: [mount],
                    resources,
                },
                {
                    name: "reader",
                    image: "ubuntu:24.04",
                    command: ["sh", "-c", "tail -F /var/log/nginx/access.log"],
                    volumeMounts: [{ ...mount, readOnly: true }],
                    resources: { ...resources, limits: { ...resources.limits, memory: "64Mi" } },
                },
            ],
            volumes: [{ name: "shared-logs", emptyDir: { sizeLimit: "64Mi" } }],
        },
    };
}
