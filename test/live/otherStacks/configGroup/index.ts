import * as k8s from "@pulumi/kubernetes";

new k8s.yaml.v2.ConfigGroup("web", { files: ["deployment.yaml"] });
