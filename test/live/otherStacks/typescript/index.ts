import * as k8s from "@pulumi/kubernetes";

const labels = { app: "web" };
const directory = "/var/log/nginx";

new k8s.apps.v1.Deployment("web", {
    metadata: { name: "web" },
    spec: {
        selector: { matchLabels: labels },
        template: {
            metadata: { labels },
            spec: {
                containers: [
                    { name: "main", image: "nginx:1.25", volumeMounts: [{ name: "logs", mountPath: directory }] },
                    {
                        name: "reader",
                        image: "ubuntu:24.04",
                        command: ["tail", "-F", `${directory}/access.log`],
                        volumeMounts: [{ name: "empty", mountPath: directory, readOnly: true }],
                        resources: {
                            requests: { cpu: "10m", memory: "16Mi" },
                            limits: { cpu: "100m", memory: "64Mi" },
                        },
                    },
                ],
                volumes: [
                    { name: "logs", emptyDir: { sizeLimit: "64Mi" } },
                    { name: "empty", emptyDir: { sizeLimit: "64Mi" } },
                ],
            },
        },
    },
});
