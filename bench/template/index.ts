import * as k8s from "@pulumi/kubernetes";

const pod = new k8s.core.v1.Pod("webserver", {
    metadata: { name: "webserver", labels: { app: "nginx" } },
    spec: {
        containers: [
            {
                name: "nginx-container",
                image: "nginx:latest",
                // Without this the kubelet pulls, also where the image is loaded already.
                imagePullPolicy: "IfNotPresent",
                volumeMounts: [{ name: "shared-logs", mountPath: "/var/log/nginx" }],
            },
            {
                name: "sidecar-container",
                image: "ubuntu:latest",
                imagePullPolicy: "IfNotPresent",
                command: [
                    "sh",
                    "-c",
                    "while true; do cat /var/log/nginx/access.log /var/log/nginx/error.log; sleep 30; done",
                ],
                volumeMounts: [{ name: "shared-logs", mountPath: "/var/log/nginx" }],
            },
        ],
        volumes: [{ name: "shared-logs", emptyDir: {} }],
    },
});

export const name = pod.metadata.name;
